// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/dates.hpp"
#include "common/environment.hpp"
#include "common/fingerprint.hpp"
#include "common/scope.hpp"
#include "common/slot_style.hpp"
#include "common/source_kind.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::lifecycle {

/// The place for the token, as the user requested it; empty fields mean the default.
struct PlaceRequest {
  std::optional<SourceKind> store;
  std::string vault;
  std::string item_name;
  std::string field;
  std::string section;
  std::string op_account;

  /// Whether any field was given.
  bool given() const {
    return store || !vault.empty() || !item_name.empty() || !field.empty() || !section.empty() || !op_account.empty();
  }
};

/// The request for a new token of a scope.
struct TokenRequest {
  Scope scope;
  Environment client;  ///< The asking client's environment, already reduced.
  std::string claude;  ///< The claude program; empty: "claude" on the client's PATH.
  PlaceRequest place;
  bool plain = false;        ///< Keep the token in the configuration file itself.
  bool verify = true;        ///< Ask the API.
  ProcessIdentity asked_by;  ///< For the log and for BUSY.
};

/// The scope's token after the operation.
struct TokenReport {
  Scope scope;
  SourceKind store = SourceKind::file;
  std::string reference;  ///< `secrets::reference_of`
  std::string stored_in;  ///< The place, as text for users.
  Fingerprint fingerprint;
  std::optional<Date> expires_on;
  std::optional<int> days_left;
  bool expiry_estimated = false;
  std::string claude_version;
  std::string slot_file;  ///< Relative to the configuration folder.
  std::string slot;       ///< "[claude] oauth_token"
  SlotStyle slot_style = SlotStyle::canonical;
  bool created = false;
  bool deleted_old = false;
  std::vector<ProcessIdentity> old_holders;  ///< Running processes that received the old token.
};

}  // namespace jackin::lifecycle
