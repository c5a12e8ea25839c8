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

/// A field to be made: concealed, with a token in it.
struct OpNewField {
  std::string id;
  std::string label;
  std::string section;            ///< The section's id; empty: in none.
  std::string new_section_label;  ///< Not empty: the section is made as well, with this label.
};

/// `value` as a JSON string, quotes included, at the end of `out`. `value` must be UTF-8.
void append_json_string(Secret& out, std::string_view value);

/// What an item of jackin's own is made of.
struct OpNewItem {
  std::string title;
  std::vector<std::string> tags;
  std::string notes;
  std::optional<Date> valid_from;
  std::optional<Date> expires;
  std::optional<OpNewField> field;  ///< Nothing: the built-in `credential`.
};

/// The template of an API credential with the token in it, for op's stdin. All that is known goes in here: op takes the
/// category from the template or from a flag, never from both, and what stands in no template is lost.
Secret op_template(const OpNewItem& item, const Secret& token);

/// The document's text with one change and everything else byte for byte as it was, built in Secret memory: an edit
/// replaces the whole item, so what is not given back is deleted. Errors: program_failed (the text has not the form of
/// an item; the Error names the item's id, never text of it).
/// The field at `position` in `fields` gets `value`; an empty `value` takes it away.
Result<Secret> with_field_value(const OpDocument& document, std::size_t position, const Secret& value);
/// A field more, and its section if that is new.
Result<Secret> with_new_field(const OpDocument& document, const OpNewField& field, const Secret& value);
/// The field at `position` less, and the section with the id `section` as well when it is not empty.
Result<Secret> without_field(const OpDocument& document, std::size_t position, std::string_view section);

}  // namespace jackin::secrets
