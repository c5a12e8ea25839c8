// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/dates.hpp"
#include "common/result.hpp"
#include "daemon/secrets/op_types.hpp"

namespace jackin::secrets {

/// A field to be created: concealed, with a token as its value.
struct OpNewField {
  std::string id;
  std::string label;
  std::string section;            ///< The section's ID; empty: no section.
  std::string new_section_label;  ///< Not empty: the section is created as well, with this label.
};

/// `value` as a JSON string, quotes included, at the end of `out`. `value` must be UTF-8.
void append_json_string(Secret& out, std::string_view value);

/// The contents of an item that jackind creates.
struct OpNewItem {
  std::string title;
  std::vector<std::string> tags;
  std::string notes;
  std::optional<Date> valid_from;
  std::optional<Date> expires;
  std::optional<OpNewField> field;  ///< Nothing: the built-in `credential`.
};

/// The template of an API credential with the token in it, for op's stdin. Contains all known data, because op drops
/// data that is not in the template. op accepts the category from the template or from a flag, never from both.
Secret op_template(const OpNewItem& item, const Secret& token);

/// Builds the document's text with one change, and every other byte unchanged, in Secret memory. An edit replaces the
/// whole item, so data that is left out is deleted. Errors: program_failed (the text does not have the form of an item;
/// the Error names the item's ID, never text of it). The field at `position` in `fields` gets `value`; an empty `value`
/// removes it.
Result<Secret> with_field_value(const OpDocument& document, std::size_t position, const Secret& value);
/// Adds a field, and its section if that is new.
Result<Secret> with_new_field(const OpDocument& document, const OpNewField& field, const Secret& value);
/// Removes the field at `position`, and the section with the ID `section` when that is not empty.
Result<Secret> without_field(const OpDocument& document, std::size_t position, std::string_view section);

}  // namespace jackin::secrets
