// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_rewrite.hpp"

#include <algorithm>

namespace jackin::secrets {
namespace {

// A position in the text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Member {
  std::string_view key;  // as written, without the quotes
  Span value;
};

// Finds positions in a text that a parser has accepted. It may rely on valid JSON, and still never reads past the end.
class Text {
 public:
  explicit Text(std::string_view text) : text_(text) {}

  // The members of the object at `at`, which may have white space in front.
  std::optional<std::vector<Member>> members(std::size_t at) const {
    std::vector<Member> found;
    at = skip_space(at);
    if (!is(at, '{')) return std::nullopt;
    at = skip_space(at + 1);
    if (is(at, '}')) return found;
    while (true) {
      if (!is(at, '"')) return std::nullopt;
      const std::size_t key_end = skip_value(at);
      const std::size_t colon = skip_space(key_end);
      if (!is(colon, ':')) return std::nullopt;
      const std::size_t begin = skip_space(colon + 1);
      const std::size_t end = skip_value(begin);
      found.push_back({text_.substr(at + 1, key_end - at - 2), {begin, end}});
      at = skip_space(end);
      if (is(at, '}')) return found;
      if (!is(at, ',')) return std::nullopt;
      at = skip_space(at + 1);
    }
  }

  // The elements of the array at `at`.
  std::optional<std::vector<Span>> elements(std::size_t at) const {
    std::vector<Span> found;
    at = skip_space(at);
    if (!is(at, '[')) return std::nullopt;
    at = skip_space(at + 1);
    if (is(at, ']')) return found;
    while (true) {
      const std::size_t end = skip_value(at);
      if (end == at) return std::nullopt;
      found.push_back({at, end});
      at = skip_space(end);
      if (is(at, ']')) return found;
      if (!is(at, ',')) return std::nullopt;
      at = skip_space(at + 1);
    }
  }

  bool is(std::size_t at, char c) const { return at < text_.size() && text_[at] == c; }

  std::size_t skip_space(std::size_t at) const {
    return std::min(text_.find_first_not_of(" \t\r\n", at), text_.size());
  }

 private:
  std::size_t skip_string(std::size_t at) const {
    for (++at; at < text_.size(); ++at) {
      if (text_[at] == '\\') {
        ++at;
      } else if (text_[at] == '"') {
        return at + 1;
      }
    }
    return text_.size();
  }

  std::size_t skip_value(std::size_t at) const {
    if (is(at, '"')) return skip_string(at);
    if (!is(at, '{') && !is(at, '[')) return std::min(text_.find_first_of(" \t\r\n,]}", at), text_.size());
    std::size_t depth = 0;
    while (at < text_.size()) {
      const char c = text_[at];
      if (c == '"') {
        at = skip_string(at);
        continue;
      }
      ++at;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) break;
    }
    return at;
  }

  std::string_view text_;
};

const Member* find(const std::vector<Member>& members, std::string_view key) {
  const auto found = std::find_if(members.rbegin(), members.rend(), [&](const Member& m) { return m.key == key; });
  return found == members.rend() ? nullptr : &*found;
}

// The parts of an item's text that are changed.
struct Layout {
  std::string_view text;
  std::size_t object = 0;  // the position of the item's opening brace
  Span fields;
  std::vector<Span> field_spans;
  std::optional<Span> sections;  // also when the value is null
  bool sections_null = false;
  std::vector<Span> section_spans;
};

tl::unexpected<Error> unusable(const OpDocument& document) {
  return failure(Reason::program_failed,
                 "the output of 1Password's command-line tool for the item " + document.item.id + " cannot be changed");
}

Result<Layout> layout_of(const OpDocument& document) {
  Layout layout;
  layout.text = document.text.view();
  const Text text(layout.text);
  layout.object = text.skip_space(0);
  const auto members = text.members(layout.object);
  const Member* fields = members ? find(*members, "fields") : nullptr;
  if (fields == nullptr) return unusable(document);
  layout.fields = fields->value;
  auto field_spans = text.elements(fields->value.begin);
  if (!field_spans || field_spans->size() != document.item.fields.size()) return unusable(document);
  layout.field_spans = std::move(*field_spans);
  if (const Member* sections = find(*members, "sections"); sections != nullptr) {
    layout.sections = sections->value;
    layout.sections_null = text.is(sections->value.begin, 'n');
    auto section_spans =
        layout.sections_null ? std::optional(std::vector<Span>()) : text.elements(sections->value.begin);
    if (!section_spans || section_spans->size() != document.item.sections.size()) return unusable(document);
    layout.section_spans = std::move(*section_spans);
  }
  return layout;
}

// A piece of text that replaces a span.
struct Change {
  Span at;
  Secret text;
};

// Applies the changes, which must not overlap.
Secret changed(std::string_view text, std::vector<Change> changes) {
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.at.begin < b.at.begin; });
  std::size_t size = text.size();
  for (const Change& change : changes) size += change.text.size();
  Secret result;
  // Allocated once: each smaller block would have to be wiped.
  result.prepare(size);
  std::size_t from = 0;
  for (const Change& change : changes) {
    result.append(text.substr(from, change.at.begin - from));
    result.append(change.text.view());
    from = change.at.end;
  }
  result.append(text.substr(from));
  return result;
}

void append_member(Secret& out, std::string_view key, std::string_view value) {
  append_json_string(out, key);
  out.push_back(':');
  append_json_string(out, value);
}

void append_field(Secret& out, const OpNewField& field, std::string_view value) {
  out.push_back('{');
  append_member(out, "id", field.id);
  if (!field.section.empty()) {
    out.append(",\"section\":{");
    append_member(out, "id", field.section);
    out.push_back('}');
  }
  out.append(",\"type\":\"CONCEALED\",");
  append_member(out, "label", field.label);
  out.push_back(',');
  append_member(out, "value", value);
  out.push_back('}');
}

void append_section(Secret& out, const OpNewField& field) {
  out.push_back('{');
  append_member(out, "id", field.section);
  out.push_back(',');
  append_member(out, "label", field.new_section_label);
  out.push_back('}');
}

// A change that appends `element` to the array at `array`.
Change appended(Span array, const std::vector<Span>& elements, Secret element) {
  if (elements.empty()) return {{array.begin + 1, array.begin + 1}, std::move(element)};
  Secret text = Secret::copy_of(",");
  text.append(element.view());
  return {{elements.back().end, elements.back().end}, std::move(text)};
}

// A change that removes the element at `position`, with one of the commas beside it.
Change removed(const std::vector<Span>& elements, std::size_t position) {
  Span gone = elements[position];
  if (position > 0) {
    gone.begin = elements[position - 1].end;
  } else if (elements.size() > 1) {
    gone.end = elements[1].begin;
  }
  return {gone, {}};
}

}  // namespace

void append_json_string(Secret& out, std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.push_back('"');
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      out.append("\\u00");
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

Secret op_template(const OpNewItem& item, const Secret& token) {
  Secret out;
  out.prepare(2 * token.size() + 2 * item.notes.size() + 2048);
  out.push_back('{');
  append_member(out, "title", item.title);
  out.append(",\"category\":\"API_CREDENTIAL\",\"tags\":[");
  for (std::size_t i = 0; i < item.tags.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_json_string(out, item.tags[i]);
  }
  out.append("],\"sections\":[");
  if (item.field && !item.field->section.empty()) append_section(out, *item.field);
  out.append(R"(],"fields":[{"id":"notesPlain","type":"STRING","purpose":"NOTES","label":"notesPlain",)");
  append_member(out, "value", item.notes);
  out.append(R"(},{"id":"credential","type":"CONCEALED","label":"credential")");
  if (!item.field) {
    out.push_back(',');
    append_member(out, "value", token.view());
  }
  out.push_back('}');
  const auto append_date = [&](std::string_view start, const std::optional<Date>& date) {
    if (!date) return;
    out.append(start);
    append_member(out, "value", format_date(*date));
    out.push_back('}');
  };
  append_date(R"(,{"id":"validFrom","type":"DATE","label":"valid from",)", item.valid_from);
  append_date(R"(,{"id":"expires","type":"DATE","label":"expires",)", item.expires);
  if (item.field) {
    out.push_back(',');
    append_field(out, *item.field, token.view());
  }
  out.append("]}");
  return out;
}

Result<Secret> with_field_value(const OpDocument& document, std::size_t position, const Secret& value) {
  TRY(auto layout, layout_of(document));
  if (position >= layout.field_spans.size()) return unusable(document);
  const Text text(layout.text);
  const Span field = layout.field_spans[position];
  const auto members = text.members(field.begin);
  if (!members) return unusable(document);
  const Member* old = find(*members, "value");
  // The parser and the text must agree.
  if (document.item.fields[position].has_value && old == nullptr) return unusable(document);
  Secret json;
  append_json_string(json, value.view());
  std::vector<Change> changes;
  if (old != nullptr) {
    changes.push_back({old->value, std::move(json)});
  } else if (!value.empty()) {
    Secret member = Secret::copy_of("\"value\":");
    member.append(json.view());
    if (!members->empty()) member.push_back(',');
    changes.push_back({{field.begin + 1, field.begin + 1}, std::move(member)});
  }
  return changed(layout.text, std::move(changes));
}

Result<Secret> with_new_field(const OpDocument& document, const OpNewField& field, const Secret& value) {
  TRY(auto layout, layout_of(document));
  std::vector<Change> changes;
  Secret element;
  append_field(element, field, value.view());
  changes.push_back(appended(layout.fields, layout.field_spans, std::move(element)));
  if (!field.new_section_label.empty()) {
    Secret section;
    append_section(section, field);
    if (layout.sections && !layout.sections_null) {
      changes.push_back(appended(*layout.sections, layout.section_spans, std::move(section)));
    } else {
      const std::size_t first = layout.object + 1;
      Secret array = Secret::copy_of(layout.sections ? "[" : "\"sections\":[");
      array.append(section.view());
      array.append(layout.sections ? "]" : "],");
      changes.push_back({layout.sections.value_or(Span{first, first}), std::move(array)});
    }
  }
  return changed(layout.text, std::move(changes));
}

Result<Secret> without_field(const OpDocument& document, std::size_t position, std::string_view section) {
  TRY(auto layout, layout_of(document));
  if (position >= layout.field_spans.size()) return unusable(document);
  std::vector<Change> changes;
  changes.push_back(removed(layout.field_spans, position));
  if (!section.empty()) {
    const auto& known = document.item.sections;
    const auto found = std::find_if(known.begin(), known.end(), [&](const OpSection& s) { return s.id == section; });
    if (found != known.end()) {
      changes.push_back(removed(layout.section_spans, static_cast<std::size_t>(found - known.begin())));
    }
  }
  return changed(layout.text, std::move(changes));
}

}  // namespace jackin::secrets
