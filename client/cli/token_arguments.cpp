// SPDX-License-Identifier: Apache-2.0
#include "client/cli/token_arguments.hpp"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "common/words.hpp"

namespace jackin::client {

void add_token_arguments(CLI::App& command, TokenArguments& arguments, TokenOptions& options) {
  add_scope(command, arguments.scope);
  std::vector<std::string> stores;
  std::string choice;
  for (const SourceKind kind : store_kinds) {
    stores.emplace_back(word_of(kind));
    choice += (choice.empty() ? "" : "|") + stores.back();
  }
  const auto take_store = [&options](const std::string& word) { options.store = from_word<SourceKind>(word); };
  command.add_option_function<std::string>("--store", take_store, "Store to keep the token in")
      ->check(CLI::IsMember(stores).description(""))
      ->type_name(choice);
  command.add_option("--vault", options.vault, "1Password vault; implies --store op")->type_name("VAULT");
  command.add_option("--item-name", options.item_name, "Title of the 1Password item; {ws} is the workspace")
      ->type_name("TITLE");
  command.add_option("--op-account", options.op_account, "1Password account")->type_name("ACCOUNT");
  command.add_flag("--plain", options.plain, "Write the token itself into the configuration file");
  command.add_flag("--qr", arguments.qr, "Show the link as a QR code first");
  command.add_flag("--no-browser", arguments.no_browser, "Show the link instead of opening a browser");
  command.add_flag("--no-verify", options.no_verify, "Do not check the token with the API");
  command.add_flag("--yes", arguments.yes, "Answer one question with its first choice");
  add_format(command, arguments.format);
}

}  // namespace jackin::client
