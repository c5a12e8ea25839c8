// SPDX-License-Identifier: Apache-2.0
#include "client/cli/place_questions.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/choice_prompt.hpp"
#include "client/cli/interruptible.hpp"
#include "client/rpc/liveness.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "common/untrusted_text.hpp"
#include "jackin/v1/stores.grpc.pb.h"

namespace jackin::client {
namespace {

constexpr const char* default_title = "Claude";
constexpr const char* default_field = "credential";

bool same_name(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

class PlaceQuestions {
 public:
  PlaceQuestions(LinePrompt& prompt, const std::function<Result<Connection>()>& connect, const Environment& environment,
                 v1::StorePlace& place)
      : prompt_(prompt), connect_(connect), environment_(to_proto(environment)), place_(place) {}

  Result<> ask() {
    if (place_.store().empty()) {
      TRY(ask_for_store());
    }
    if (place_.store() != "op") return {};
    prompt_.say("Looking into 1Password; it may ask you.");
    if (place_.op_account().empty()) {
      TRY(ask_for_account());
    }
    if (place_.vault().empty()) {
      TRY(ask_for_vault());
    }
    TRY(const auto item, ask_for_item());
    if (item) return ask_in_item(*item);
    return ask_in_new_item();
  }

 private:
  using Stub = v1::Stores::Stub;

  template <typename Request, typename Reply>
  Result<> call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*), Request request,
                Reply& reply) {
    *request.mutable_environment() = environment_;
    // Each call opens a connection, because the daemon closes an idle one while the user considers the answer.
    TRY(const Connection connection, connect_());
    const auto stub = v1::Stores::NewStub(connection.channel());
    grpc::ClientContext context;
    grpc::Status status;
    // No deadline: 1Password may be asking the user.
    const Liveness liveness(connection, context);
    const bool interrupted = run_interruptible(prompt_.signals(), context,
                                               [&] { status = (stub.get()->*method)(&context, request, &reply); });
    if (interrupted) return failure(Reason::cancelled, "cancelled; nothing was changed");
    return liveness.outcome(status);
  }

  Result<> ask_for_store() {
    v1::ListStoresReply reply;
    TRY(call(&Stub::List, v1::ListStoresRequest(), reply));
    std::vector<ChoiceOption> options;
    std::optional<std::size_t> preset;
    for (const v1::Store& store : reply.stores()) {
      if (store.is_default() && store.available()) preset = options.size();
      options.push_back({.name = printable(store.name()),
                         .note = store.available() ? std::string() : printable(store.message()),
                         .id = store.kind(),
                         .usable = store.available()});
    }
    if (std::none_of(options.begin(), options.end(), [](const ChoiceOption& option) { return option.usable; })) {
      return failure(Reason::store_unavailable, "no store can be used now", "jackinctl doctor");
    }
    TRY(const std::size_t chosen, choose(prompt_, "Where shall the token be kept?", options, preset));
    place_.set_store(reply.stores(static_cast<int>(chosen)).kind());
    return {};
  }

  Result<> ask_for_account() {
    v1::OpAccountsReply reply;
    TRY(call(&Stub::OpAccounts, v1::OpAccountsRequest(), reply));
    if (reply.service_account() || reply.accounts().empty()) return {};
    if (reply.accounts_size() == 1) {
      prompt_.say("The account is " + printable(reply.accounts(0).name()) + ".");
      place_.set_op_account(reply.accounts(0).id());
      return {};
    }
    std::vector<ChoiceOption> options;
    std::optional<std::size_t> preset;
    for (const v1::OpAccount& account : reply.accounts()) {
      if (account.is_default()) preset = options.size();
      options.push_back({.name = printable(account.name()), .id = account.id()});
    }
    TRY(const std::size_t chosen, choose(prompt_, "Which 1Password account?", options, preset));
    place_.set_op_account(options[chosen].id);
    return {};
  }

  Result<> ask_for_vault() {
    v1::OpVaultsRequest request;
    request.set_account(place_.op_account());
    v1::OpVaultsReply reply;
    TRY(call(&Stub::OpVaults, std::move(request), reply));
    std::vector<ChoiceOption> options;
    std::optional<std::size_t> preset;
    for (const v1::OpVault& vault : reply.vaults()) {
      if (vault.is_default()) preset = options.size();
      options.push_back({.name = printable(vault.name()), .id = vault.id()});
    }
    TRY(const std::size_t chosen, choose(prompt_, "Which vault?", options, preset));
    place_.set_vault(options[chosen].id);
    return {};
  }

  // Returns the content of the chosen item; nothing for a new one.
  Result<std::optional<v1::OpItemReply>> ask_for_item() {
    // A name on the command line is the title of a new item, unless it is an ID. The daemon checks that as well.
    const bool is_named = !place_.item_name().empty();
    if (is_named && place_.item_name().size() != 26) return std::optional<v1::OpItemReply>();
    if (!is_named) {
      v1::OpItemsRequest request;
      request.set_account(place_.op_account());
      request.set_vault(place_.vault());
      v1::OpItemsReply reply;
      TRY(call(&Stub::OpItems, std::move(request), reply));
      TRY(choose_item(reply));
      if (place_.item_name().empty()) return std::optional<v1::OpItemReply>();
    }
    v1::OpItemRequest request;
    request.set_account(place_.op_account());
    request.set_vault(place_.vault());
    request.set_item(place_.item_name());
    v1::OpItemReply item;
    TRY(call(&Stub::OpItem, std::move(request), item));
    return std::optional(std::move(item));
  }

  Result<> choose_item(const v1::OpItemsReply& reply) {
    std::vector<ChoiceOption> options;
    for (const v1::OpItemEntry& item : reply.items()) {
      options.push_back({.name = printable(item.title()),
                         .note = printable(item.reason()),
                         .id = item.id(),
                         .usable = item.usable()});
    }
    if (options.empty()) {
      prompt_.say("The vault has no items yet; a new one is made.");
      return {};
    }
    options.push_back({.name = "new item", .key = "+"});
    TRY(const std::size_t chosen, choose(prompt_, "Which item?", options, options.size() - 1));
    if (chosen + 1 < options.size()) place_.set_item_name(options[chosen].id);
    return {};
  }

  Result<> ask_in_new_item() {
    if (place_.item_name().empty()) {
      TRY(const std::string title, prompt_.ask(std::string("Title of the new item [") + default_title + "]: "));
      place_.set_item_name(title.empty() ? default_title : title);
    }
    if (place_.section().empty()) {
      TRY(const std::string section, prompt_.ask("Section of the field, empty for none: "));
      place_.set_section(section);
    }
    if (place_.field().empty()) {
      TRY(const std::string field, prompt_.ask(std::string("Field [") + default_field + "]: "));
      place_.set_field(field == default_field ? std::string() : field);
    }
    return {};
  }

  Result<> ask_in_item(const v1::OpItemReply& item) {
    if (!place_.field().empty()) return {};
    bool is_new_section = false;
    if (place_.section().empty()) {
      TRY(is_new_section, ask_for_section(item));
    } else {
      const auto named =
          std::find_if(item.sections().begin(), item.sections().end(), [&](const v1::OpSection& section) {
            return section.id() == place_.section() || same_name(section.label(), place_.section());
          });
      is_new_section = named == item.sections().end();
      if (!is_new_section) place_.set_section(named->id());
    }
    return ask_for_field(item, is_new_section);
  }

  // Returns whether the section is new.
  Result<bool> ask_for_section(const v1::OpItemReply& item) {
    std::vector<ChoiceOption> options{{.name = "no section", .key = "-"}};
    for (const v1::OpSection& section : item.sections()) {
      options.push_back(
          {.name = printable(section.label().empty() ? section.id() : section.label()), .id = section.id()});
    }
    options.push_back({.name = "new section", .key = "+"});
    TRY(const std::size_t chosen,
        choose(prompt_, "Which section of '" + printable(item.item().title()) + "'?", options, std::size_t{0}));
    if (chosen == 0) return false;
    if (chosen + 1 < options.size()) {
      place_.set_section(options[chosen].id);
      return false;
    }
    const auto is_taken = [&](const std::string& label) {
      return std::any_of(item.sections().begin(), item.sections().end(), [&](const v1::OpSection& section) {
        return same_name(section.label(), label) || section.id() == label;
      });
    };
    TRY(const std::string label, ask_for_label("Name of the new section", {}, is_taken));
    place_.set_section(label);
    return true;
  }

  Result<> ask_for_field(const v1::OpItemReply& item, bool is_new_section) {
    std::vector<ChoiceOption> options;
    std::vector<const v1::OpField*> fields;
    std::optional<std::size_t> preset;
    for (const v1::OpField& field : item.fields()) {
      if (is_new_section || field.section() != place_.section()) continue;
      if (field.usable() && same_name(field.label(), default_field)) preset = options.size();
      std::string note = printable(field.reason());
      if (field.usable() && field.has_value()) note = "has a value, which would be replaced";
      options.push_back(
          {.name = printable(field.label()), .note = std::move(note), .id = field.id(), .usable = field.usable()});
      fields.push_back(&field);
    }
    std::size_t chosen = options.size();
    if (!options.empty()) {
      options.push_back({.name = "new field", .key = "+"});
      TRY(chosen, choose(prompt_, "Which field?", options, preset.value_or(fields.size())));
    }
    if (chosen < fields.size()) {
      place_.set_field(fields[chosen]->id());
      return {};
    }
    // Without a section, 1Password looks for a name in the whole item.
    const auto is_taken = [&](const std::string& label) {
      return std::any_of(item.fields().begin(), item.fields().end(), [&](const v1::OpField& field) {
        const bool could_be_meant =
            place_.section().empty() || (!is_new_section && field.section() == place_.section());
        return could_be_meant && (same_name(field.label(), label) || field.id() == label);
      });
    };
    const std::string preset_label = is_taken(default_field) ? std::string() : default_field;
    TRY(const std::string label, ask_for_label("Name of the new field", preset_label, is_taken));
    place_.set_field(label);
    return {};
  }

  template <typename IsTaken>
  Result<std::string> ask_for_label(const std::string& question, const std::string& preset, IsTaken is_taken) {
    for (;;) {
      TRY(std::string label, prompt_.ask(preset.empty() ? question + ": " : question + " [" + preset + "]: "));
      if (label.empty()) label = preset;
      if (label.empty()) {
        prompt_.say("It needs a name.");
      } else if (is_taken(label)) {
        prompt_.say("There is a '" + printable(label) + "' already; another name, please.");
      } else {
        return label;
      }
    }
  }

  LinePrompt& prompt_;
  const std::function<Result<Connection>()>& connect_;
  v1::ClientEnvironment environment_;
  v1::StorePlace& place_;
};

}  // namespace

Result<> ask_for_place(LinePrompt& prompt, const std::function<Result<Connection>()>& connect,
                       const Environment& environment, v1::StorePlace& place) {
  return PlaceQuestions(prompt, connect, environment, place).ask();
}

}  // namespace jackin::client
