// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/dates.hpp"
#include "common/fingerprint.hpp"
#include "common/secret.hpp"

namespace jackin::secrets {

/// An account that `op` knows. All texts here are untrusted: call `printable()` before display.
struct OpAccount {
  std::string id;         ///< The account's own ID, 26 upper-case characters.
  std::string user_id;    ///< The user's ID in it.
  std::string url;        ///< "my.1password.com", without a scheme.
  std::string email;      ///< May be empty.
  std::string shorthand;  ///< Only for accounts that were added manually; may be empty.
};

/// The signed-in account and user.
struct OpIdentity {
  std::string account_id;  ///< Empty for a service account of op before 2.20.
  std::string url;
  bool service_account = false;
};

struct OpVault {
  std::string id;
  std::string name;
};

struct OpSection {
  std::string id;
  std::string label;  ///< May be empty.
};

/// Whether the texts are equal without regard to the case of ASCII letters, as 1Password compares names.
bool same_op_name(std::string_view a, std::string_view b);

/// A field of an item, without its value.
struct OpField {
  std::string id;
  std::string section;  ///< The section's ID; empty: no section.
  std::string type;     ///< "CONCEALED", "STRING", "DATE", …
  std::string purpose;  ///< "NOTES", "PASSWORD", "USERNAME" or empty.
  std::string label;
  bool has_value = false;
  bool concealed_by_op = false;  ///< The value is op's placeholder for a concealed one.

  friend bool operator==(const OpField&, const OpField&) = default;
};

/// The expiry in the notes that jackin writes into its items.
struct OpNotedExpiry {
  Fingerprint token;  ///< `token_sha256_prefix`: of the token that it is about.
  Date day;           ///< `expires_estimate`
  friend bool operator==(const OpNotedExpiry&, const OpNotedExpiry&) = default;
};

/// An item without its fields' values, except three dates. A listed one has no fields and no sections.
struct OpItem {
  std::string id;
  std::string title;
  std::string vault_id;
  std::string vault_name;
  std::string category;
  bool archived = false;
  std::vector<std::string> tags;
  std::optional<Moment> created_at;
  std::optional<Moment> updated_at;
  std::vector<OpSection> sections;
  std::vector<OpField> fields;
  std::optional<Date> expires;
  std::optional<Date> valid_from;
  std::optional<OpNotedExpiry> noted_expiry;

  bool has_tag(std::string_view tag) const;
  /// The positions in `fields` of the fields with that ID; if there are none, of those with that label in any case.
  /// `section` is the ID or label of their section; empty: any section or none.
  std::vector<std::size_t> find_fields(std::string_view field, std::string_view section) const;
  /// The positions in `sections` of those with that ID, or else with that label in any case.
  std::vector<std::size_t> find_sections(std::string_view section) const;
};

/// An item as `op` returned it, complete with all its values, to be passed back changed.
struct OpDocument {
  OpItem item;
  Secret text;
};

}  // namespace jackin::secrets
