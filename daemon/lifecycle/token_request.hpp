// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/dates.hpp"
#include "common/environment.hpp"
#include "common/fingerprint.hpp"
#include "common/scope.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::lifecycle {

/// Where the token shall be kept, as the user said it; empty means the default.
struct PlaceRequest {
  std::string store;
  std::string vault;
  std::string item_name;
  std::string field;
  std::string section;
  std::string op_account;

  /// Whether anything was said.
  bool given() const {
    return !store.empty() || !vault.empty() || !item_name.empty() || !field.empty() || !section.empty() ||
           !op_account.empty();
  }
};

/// What is asked for when a scope shall have a new token.
struct TokenRequest {
  Scope scope;
  Environment client;  ///< The asking client's environment, already reduced.
  std::string claude;  ///< Which program; empty: "claude" on the client's PATH.
  PlaceRequest place;
  bool plain = false;        ///< Keep the token in the configuration file itself.
  bool verify = true;        ///< Ask the API.
  ProcessIdentity asked_by;  ///< For the log and for BUSY.
};

/// What a scope has now.
struct TokenReport {
  Scope scope;
  std::string store;      ///< `secrets::kind_of`
  std::string reference;  ///< `secrets::reference_of`
  std::string stored_in;  ///< For people.
  Fingerprint fingerprint;
  std::optional<Date> expires_on;
  std::optional<int> days_left;
  bool expiry_estimated = false;
  std::string claude_version;
  std::string slot_file;  ///< Relative to the configuration folder.
  std::string slot;       ///< "[claude] oauth_token"
  bool created = false;
  bool deleted_old = false;
  std::vector<ProcessIdentity> old_holders;  ///< Running processes that were given the token before.
};

}  // namespace jackin::lifecycle
