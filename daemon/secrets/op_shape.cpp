// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_shape.hpp"

#include <algorithm>
#include <utility>

#include "common/remedy_command.hpp"
#include "common/scope.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/secrets/op_reference.hpp"

namespace jackin::secrets {
namespace {

constexpr std::string_view our_tag = "jackin";
constexpr std::string_view operation_tag_prefix = "operation=";
constexpr std::string_view workspace_tag_prefix = "workspace=";
constexpr std::string_view default_title = "Claude";
constexpr std::string_view default_field = "credential";

std::string with_workspace(std::string title, const Scope& scope) {
  constexpr std::string_view mark = "{ws}";
  const std::string name = scope.is_global() ? "global" : scope.workspace_name();
  for (auto at = title.find(mark); at != title.npos; at = title.find(mark, at + name.size())) {
    title.replace(at, mark.size(), name);
  }
  return printable(title);
}

// The notes that a user reads in the item.
std::string notes_for(const PlaceRequest& request, Date today) {
  std::string notes = "Created by jackind on " + format_date(today);
  notes += request.scope.is_global() ? " for all workspaces"
                                     : " for the workspace " + printable(request.scope.workspace_name());
  if (request.scope.has_role()) notes += ", role " + request.scope.role_name();
  if (!request.claude_version.empty()) notes += ", with claude " + printable(request.claude_version, 40);
  notes += ".\nTo replace the token: " + command_line(Remedy::rotate(request.scope));
  notes += "\nTo withdraw it: " + command_line(Remedy::of(RemedyAction::delete_token, request.scope)) + "\n";
  return notes;
}

}  // namespace

std::string operation_tag(const std::string& operation_id) {
  return std::string(operation_tag_prefix) + operation_id;
}

bool has_our_tags(const OpItem& item) {
  return item.has_tag(our_tag) && std::any_of(item.tags.begin(), item.tags.end(), [](const std::string& tag) {
           return tag.starts_with(operation_tag_prefix);
         });
}

bool is_made_by_jackin(const OpItem& item) {
  return item.has_tag(our_tag) && !has_our_tags(item) &&
         std::any_of(item.tags.begin(), item.tags.end(),
                     [](const std::string& tag) { return tag.starts_with(workspace_tag_prefix); });
}

bool is_made_by_jackin_for(const OpItem& item, const Scope& scope) {
  const std::string name = scope.is_global() ? "global" : scope.workspace_name();
  return is_made_by_jackin(item) && item.has_tag(std::string(workspace_tag_prefix) + name);
}

bool loses_by_editing(const OpItem& item) {
  return item.category == "LOGIN" || item.category == "CUSTOM";
}

OpNewItem new_item(const PlaceRequest& request, const OpTarget& target, Date today) {
  OpNewItem item;
  item.title = target.item_title;
  item.tags = {std::string(our_tag), operation_tag(request.operation_id)};
  if (!request.scope.is_global()) {
    item.tags.push_back(std::string(workspace_tag_prefix) + printable(request.scope.workspace_name()));
  }
  item.notes = notes_for(request, today);
  item.valid_from = today;
  item.expires = request.expires_on;
  if (target.new_field) {
    item.field = OpNewField{target.field_id, target.field_label, target.section_id, target.section_label};
  }
  return item;
}

OpTarget target_in_new_item(const PlaceRequest& request, OpTarget target) {
  target.item_title =
      with_workspace(request.item_name.empty() ? std::string(default_title) : request.item_name, request.scope);
  const bool built_in =
      request.section.empty() && (request.field.empty() || same_op_name(request.field, default_field));
  target.new_field = !built_in;
  target.field_id = built_in ? std::string(default_field) : new_op_id();
  target.field_label = request.field.empty() ? std::string(default_field) : printable(request.field);
  target.new_section = !request.section.empty();
  if (target.new_section) {
    target.section_id = "Section_" + new_op_id();
    target.section_label = printable(request.section);
  }
  return target;
}

Result<OpTarget> target_in_item(const OpItem& item, const PlaceRequest& request, OpTarget target) {
  const std::string title = "the item '" + printable(item.title) + "'";
  if (item.archived) {
    return failure(Reason::invalid_argument, title + " is archived",
                   Remedy::change_option(RequestOption::item_name).noting("or when it is restored in 1Password"));
  }
  if (loses_by_editing(item)) {
    return failure(Reason::invalid_argument,
                   title +
                       " is a login or of a custom category: 1Password's command-line tool would lose its passkey, "
                       "or refuse",
                   Remedy::change_option(RequestOption::item_name)
                       .noting("of an API credential, a password or a secure note, or without it"));
  }
  target.item_id = item.id;
  target.item_title = printable(item.title);
  const std::string wanted = request.field.empty() ? std::string(default_field) : request.field;
  const auto sections = item.find_sections(request.section);
  if (!request.section.empty() && sections.size() > 1) {
    return failure(Reason::invalid_argument, title + " has several sections of that name",
                   Remedy::show_op_item(item.id, item.vault_id).noting("this shows the IDs of the sections"));
  }
  const auto fields = item.find_fields(wanted, request.section);
  if (fields.size() > 1) {
    return failure(
        Reason::invalid_argument, title + " has several fields of that name",
        Remedy::show_op_item(item.id, item.vault_id).noting("this shows the IDs and sections of the fields"));
  }
  if (!request.section.empty()) {
    target.new_section = sections.empty();
    target.section_id = sections.empty() ? "Section_" + new_op_id() : item.sections[sections.front()].id;
    target.section_label = printable(sections.empty() ? request.section : item.sections[sections.front()].label);
  }
  if (fields.empty()) {
    target.new_field = true;
    target.field_id = new_op_id();
    target.field_label = printable(wanted);
  } else {
    const OpField& field = item.fields[fields.front()];
    if (field.type != "CONCEALED") {
      return failure(Reason::invalid_argument,
                     "the field '" + printable(field.label) + "' of " + title + " is not concealed",
                     Remedy::change_option(RequestOption::field).noting("a concealed or a new one"));
    }
    const auto section = item.find_sections(field.section);
    target.section_id = field.section;
    if (!field.section.empty() && section.size() == 1) {
      target.section_label = printable(item.sections[section.front()].label);
    }
    target.field_id = field.id;
    target.field_label = printable(field.label);
  }
  if (!fits_op_reference(target.field_id) || (!target.section_id.empty() && !fits_op_reference(target.section_id))) {
    return failure(Reason::invalid_argument, "the field of " + title + " cannot be named in a reference",
                   Remedy::change_option(RequestOption::field).noting("or a new one"));
  }
  return target;
}

Result<OpTarget> target_beside(const OpItem& item, const OpReference& reference, const PlaceRequest& request,
                               OpTarget target) {
  PlaceRequest like = request;
  const auto positions = item.find_fields(reference.field, reference.section);
  if (has_our_tags(item) || is_made_by_jackin(item)) {
    like.item_name = item.title;
    like.field.clear();
    like.section.clear();
    if (positions.size() == 1) {
      const OpField& field = item.fields[positions.front()];
      if (field.id != default_field) like.field = field.label;
      const auto section = item.find_sections(field.section);
      if (!field.section.empty() && section.size() == 1) like.section = item.sections[section.front()].label;
    }
    return target_in_new_item(like, std::move(target));
  }
  if (positions.empty()) {
    Remedy remedy = Remedy::rotate(request.scope);
    remedy.vault = item.vault_name;
    return failure(
        Reason::source_gone,
        "the item '" + printable(item.title) + "' has no field '" + printable(reference.field) + "' any more",
        std::move(remedy));
  }
  like.field = reference.field;
  like.section = reference.section;
  return target_in_item(item, like, std::move(target));
}

OpTarget target_like(std::string_view path, const PlaceRequest& request, OpTarget target) {
  PlaceRequest like = request;
  like.item_name.clear();
  like.field.clear();
  like.section.clear();
  const auto first = path.find('/');
  const auto last = path.rfind('/');
  // A title can contain a slash too; then its start is ambiguous.
  const bool three_parts = first != path.npos && first + 1 < last && path.find('/', first + 1) == last;
  if (three_parts) like.item_name = std::string(path.substr(first + 1, last - first - 1));
  return target_in_new_item(like, std::move(target));
}

std::optional<std::size_t> field_of(const OpItem& item, const std::string& section_id, const std::string& field_id) {
  const auto found = std::find_if(item.fields.begin(), item.fields.end(), [&](const OpField& field) {
    return field.id == field_id && field.section == section_id;
  });
  if (found == item.fields.end()) return std::nullopt;
  return static_cast<std::size_t>(found - item.fields.begin());
}

bool has_value(const OpItem& item, const OpTarget& target) {
  const auto position = field_of(item, target.section_id, target.field_id);
  return position && item.fields[*position].has_value;
}

bool kept_all(const OpItem& before, const OpItem& after, std::optional<std::size_t> changed) {
  for (std::size_t i = 0; i < before.fields.size(); ++i) {
    if (i == changed) continue;
    const auto position = field_of(after, before.fields[i].section, before.fields[i].id);
    if (!position || after.fields[*position].has_value != before.fields[i].has_value) return false;
  }
  return true;
}

OpNewField new_field_of(const OpTarget& target) {
  return {target.field_id, target.field_label, target.section_id,
          target.new_section ? target.section_label : std::string()};
}

Result<Secret> without_target(const OpDocument& document, std::size_t position, const OpTarget& target) {
  const auto& fields = document.item.fields;
  const auto in_section = std::count_if(fields.begin(), fields.end(),
                                        [&](const OpField& field) { return field.section == target.section_id; });
  return without_field(document, position, target.new_section && in_section == 1 ? target.section_id : std::string());
}

}  // namespace jackin::secrets
