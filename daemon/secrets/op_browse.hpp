// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/environment.hpp"
#include "daemon/secrets/op_cli.hpp"
#include "daemon/secrets/op_places.hpp"

namespace jackin::secrets {

/// An account to choose. All texts here are printable, except IDs.
struct OpAccountChoice {
  std::string id;
  std::string name;         ///< "wendy@example.com at my.1password.com"
  bool is_default = false;  ///< Used when the user names none.
};

struct OpAccountChoices {
  std::vector<OpAccountChoice> accounts;
  bool service_account = false;  ///< It has only its own account: there is no choice.
};

struct OpVaultChoice {
  std::string id;
  std::string name;
  bool is_default = false;
};

struct OpItemChoice {
  std::string id;
  std::string title;
  std::string category;  ///< "API_CREDENTIAL"
  bool usable = true;    ///< A token can be written into it.
  std::string reason;    ///< Why it is not usable, in a few words.
};

struct OpSectionChoice {
  std::string id;
  std::string label;  ///< May be empty.
};

struct OpFieldChoice {
  std::string id;
  std::string section;  ///< The section's ID; empty: no section.
  std::string label;
  bool has_value = false;
  bool usable = true;
  std::string reason;
};

/// The contents of an item, without values.
struct OpItemContents {
  OpItemChoice item;
  std::vector<OpSectionChoice> sections;
  std::vector<OpFieldChoice> fields;
};

/// Lists the contents of 1Password, so that a user can choose step by step where a token goes. An account or a vault is
/// named by ID or name; empty: the default. The 1Password app may prompt the user. Each list begins with the entries
/// that a token can be written into. Errors: those of OpCli and of OpPlaces, with the store's reasons. Daemon's thread
/// only; `op` must outlive it.
class OpBrowse {
 public:
  explicit OpBrowse(OpCli& op) : op_(op), places_(op) {}

  Task<OpAccountChoices> accounts(Environment client);
  Task<std::vector<OpVaultChoice>> vaults(Environment client, std::string account);
  /// Without archived ones.
  Task<std::vector<OpItemChoice>> items(Environment client, std::string account, std::string vault);
  /// `item` is an ID. invalid_argument when there is none.
  Task<OpItemContents> item(Environment client, std::string account, std::string vault, std::string item);

 private:
  Task<OpCaller> caller(Environment client, std::string account);
  Task<std::string> vault_id(const OpCaller& asking, const std::string& vault);

  OpCli& op_;
  OpPlaces places_;
};

}  // namespace jackin::secrets
