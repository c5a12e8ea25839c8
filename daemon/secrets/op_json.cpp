// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_json.hpp"

#include <sodium.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>

#include "common/untrusted_text.hpp"
#include "daemon/secrets/op_reference.hpp"

namespace jackin::secrets {
namespace {

// Reads JSON event by event and reports each scalar with its path: "fields[].section.id", "[].id". Stores no value.
class PathReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool value) override { return add(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return add(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return add(text); }
  bool string(string_t& value) override {
    add(value);
    // The parser's own copy, no longer needed.
    sodium_memzero(value.data(), value.size());
    return true;
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override {
    open('{');
    return true;
  }
  bool key(string_t& name) override {
    path_.resize(frames_.back().length);
    if (!path_.empty()) path_ += '.';
    // op has no key that contains path separators.
    path_ += name.find_first_of(".[") == name.npos ? name : "?";
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override {
    open('[');
    path_ += "[]";
    frames_.back().length = path_.size();
    return true;
  }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 protected:
  virtual void opened(std::string_view) {}
  virtual void closed(std::string_view) {}
  virtual void scalar(std::string_view path, std::string_view value) = 0;

  // The type of the outermost value: '{' or '['.
  char outermost() const { return outermost_; }

 private:
  struct Frame {
    std::size_t length;  // of the path that its members' names are appended to
    std::size_t before;  // of the path to it
    char kind;
  };

  void open(char kind) {
    if (frames_.empty()) outermost_ = kind;
    opened(path_);
    frames_.push_back({path_.size(), path_.size(), kind});
  }

  bool close() {
    path_.resize(frames_.back().before);
    frames_.pop_back();
    closed(path_);
    return true;
  }

  bool add(std::string_view value) {
    if (frames_.empty()) return false;
    if (frames_.back().kind == '[') path_.resize(frames_.back().length);
    scalar(path_, value);
    return true;
  }

  std::string path_;
  std::vector<Frame> frames_;
  char outermost_ = '\0';
};

tl::unexpected<Error> unusable(std::string_view what) {
  return failure(Reason::program_failed,
                 "the output of 1Password's command-line tool for " + std::string(what) + " cannot be read",
                 Remedy::of_name(RemedyAction::check_program, "op").noting("jackind needs version 2.23 or newer"));
}

bool read_with(PathReader& reader, std::string_view json) {
  return nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
}

// Objects in an array, or one alone.
template <typename Value>
class ListReader : public PathReader {
 public:
  explicit ListReader(bool one) : one_(one) {}

  std::vector<Value> values;

  bool fits() const { return outermost() == (one_ ? '{' : '[') && !strange_; }

 protected:
  virtual void member(Value& value, std::string_view path, std::string_view text) = 0;
  virtual void member_opened(std::string_view) {}
  virtual void member_closed(Value&, std::string_view) {}

 private:
  void opened(std::string_view path) override {
    if (path == root()) {
      values.emplace_back();
    } else if (const auto rest = below(path)) {
      member_opened(*rest);
    }
  }

  void closed(std::string_view path) override {
    const auto rest = below(path);
    if (rest && !values.empty()) member_closed(values.back(), *rest);
  }

  void scalar(std::string_view path, std::string_view text) override {
    const auto rest = below(path);
    if (rest && !values.empty()) member(values.back(), *rest, text);
    // A list of objects contains another type.
    if (path == root()) strange_ = true;
  }

  std::string_view root() const { return one_ ? "" : "[]"; }

  std::optional<std::string_view> below(std::string_view path) const {
    if (one_) return path.empty() ? std::nullopt : std::optional(path);
    if (!path.starts_with("[].")) return std::nullopt;
    return path.substr(3);
  }

  bool one_;
  bool strange_ = false;
};

class AccountReader final : public ListReader<OpAccount> {
 public:
  AccountReader() : ListReader(false) {}

 private:
  void member(OpAccount& account, std::string_view path, std::string_view text) override {
    if (path == "account_uuid") account.id = text;
    if (path == "user_uuid") account.user_id = text;
    if (path == "url") account.url = text;
    if (path == "email") account.email = text;
    if (path == "shorthand") account.shorthand = text;
  }
};

class IdentityReader final : public ListReader<OpIdentity> {
 public:
  IdentityReader() : ListReader(true) {}

 private:
  void member(OpIdentity& identity, std::string_view path, std::string_view text) override {
    if (path == "account_uuid") identity.account_id = text;
    if (path == "url" || path == "URL") identity.url = text;
    if (path == "user_type" || path == "ServiceAccountType") identity.service_account = text == "SERVICE_ACCOUNT";
  }
};

class VaultReader final : public ListReader<OpVault> {
 public:
  VaultReader() : ListReader(false) {}

 private:
  void member(OpVault& vault, std::string_view path, std::string_view text) override {
    if (path == "id") vault.id = text;
    if (path == "name") vault.name = text;
  }
};

// op's placeholder for a concealed value without --reveal.
bool is_placeholder(std::string_view value) {
  return value.starts_with("[use 'op item get ") || (value.starts_with("[use 'op ") && value.ends_with("reveal]"));
}

// Items, listed or complete. Of the fields' values it keeps three dates, and the one that the caller requests.
class ItemReader final : public ListReader<OpItem> {
 public:
  explicit ItemReader(bool one, std::optional<std::size_t> wanted = std::nullopt) : ListReader(one), wanted_(wanted) {}

  Secret wanted_value;
  bool bad_time = false;

 private:
  void member_opened(std::string_view path) override {
    if (path == "fields[]") {
      field_ = {};
      value_.clear();
    } else if (path == "sections[]") {
      section_ = {};
    }
  }

  void member_closed(OpItem& item, std::string_view path) override {
    if (path == "sections[]") {
      item.sections.push_back(std::move(section_));
    } else if (path == "fields[]") {
      take_field(item);
    }
  }

  void take_field(OpItem& item) {
    field_.has_value = !value_.empty();
    field_.concealed_by_op = field_.type == "CONCEALED" && is_placeholder(value_.view());
    if (field_.type == "DATE" && field_.section.empty() && field_.has_value) {
      if (field_.id == "expires") item.expires = parse_op_date(value_.view());
      if (field_.id == "validFrom") item.valid_from = parse_op_date(value_.view());
    }
    if (field_.purpose == "NOTES") item.noted_expiry = parse_op_notes(value_.view());
    if (wanted_ == item.fields.size()) wanted_value = std::move(value_);
    value_.clear();
    item.fields.push_back(std::move(field_));
  }

  void member(OpItem& item, std::string_view path, std::string_view text) override {
    if (path.starts_with("fields[].")) {
      field_member(path.substr(std::string_view("fields[].").size()), text);
    } else if (path == "id") {
      item.id = text;
    } else if (path == "title") {
      item.title = text;
    } else if (path == "vault.id") {
      item.vault_id = text;
    } else if (path == "vault.name") {
      item.vault_name = text;
    } else if (path == "category") {
      item.category = text;
    } else if (path == "state") {
      item.archived = text == "ARCHIVED";
    } else if (path == "tags[]") {
      item.tags.emplace_back(text);
    } else if (path == "created_at") {
      take_time(item.created_at, text);
    } else if (path == "updated_at") {
      take_time(item.updated_at, text);
    } else if (path == "sections[].id") {
      section_.id = text;
    } else if (path == "sections[].label") {
      section_.label = text;
    }
  }

  void field_member(std::string_view path, std::string_view text) {
    if (path == "value") {
      value_ = Secret::copy_of(text);
    } else if (path == "id") {
      field_.id = text;
    } else if (path == "type") {
      field_.type = text;
    } else if (path == "purpose") {
      field_.purpose = text;
    } else if (path == "label") {
      field_.label = text;
    } else if (path == "section.id") {
      field_.section = text;
    }
  }

  void take_time(std::optional<Moment>& moment, std::string_view text) {
    moment = parse_moment(text);
    bad_time = bad_time || !moment;
  }

  std::optional<std::size_t> wanted_;
  OpField field_;
  OpSection section_;
  Secret value_;
};

// The positions of the values that `by_id` selects, or, when there is none, of those that `by_label` selects.
template <typename Value, typename ById, typename ByLabel>
std::vector<std::size_t> positions(const std::vector<Value>& values, ById by_id, ByLabel by_label) {
  const auto all = [&](auto matches) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (matches(values[i])) found.push_back(i);
    }
    return found;
  };
  auto found = all(by_id);
  return found.empty() ? all(by_label) : found;
}

bool is_whole(const OpItem& item) {
  return is_op_id(item.id) && is_op_id(item.vault_id) && !item.category.empty();
}

}  // namespace

bool OpItem::has_tag(std::string_view tag) const {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

std::vector<std::size_t> OpItem::find_fields(std::string_view field, std::string_view section) const {
  const auto in_section = [&](const OpField& candidate) {
    if (section.empty() || candidate.section == section) return true;
    return std::any_of(sections.begin(), sections.end(), [&](const OpSection& known) {
      return known.id == candidate.section && same_op_name(known.label, section);
    });
  };
  return positions(
      fields, [&](const OpField& candidate) { return candidate.id == field && in_section(candidate); },
      [&](const OpField& candidate) { return same_op_name(candidate.label, field) && in_section(candidate); });
}

std::vector<std::size_t> OpItem::find_sections(std::string_view section) const {
  return positions(
      sections, [&](const OpSection& candidate) { return candidate.id == section; },
      [&](const OpSection& candidate) { return same_op_name(candidate.label, section); });
}

bool same_op_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::optional<OpNotedExpiry> parse_op_notes(std::string_view notes) {
  std::optional<Fingerprint> token;
  std::optional<Date> day;
  while (!notes.empty()) {
    const auto end = notes.find('\n');
    const std::string_view line = notes.substr(0, end);
    notes.remove_prefix(end == notes.npos ? notes.size() : end + 1);
    const auto value_of = [&](std::string_view key) {
      return line.starts_with(key) ? line.substr(key.size()) : std::string_view();
    };
    if (const auto value = value_of("token_sha256_prefix = "); !value.empty()) token = Fingerprint::parse(value);
    if (const auto value = value_of("expires_estimate = "); !value.empty()) day = parse_date(value);
  }
  if (!token || !day) return std::nullopt;
  return OpNotedExpiry{*token, *day};
}

std::optional<Date> parse_op_date(std::string_view value) {
  if (const auto date = parse_date(value)) return date;
  long long seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  // Years 0 to 9999: the range of a calendar day.
  if (error != std::errc() || end != value.data() + value.size() || seconds < -62167219200 || seconds > 253402300799) {
    return std::nullopt;
  }
  return date_of(Moment(std::chrono::seconds(seconds)));
}

Result<std::vector<OpAccount>> parse_op_accounts(std::string_view json, std::string_view what) {
  AccountReader reader;
  const bool read = read_with(reader, json) && reader.fits();
  const auto without_id = [](const OpAccount& account) { return account.id.empty() || account.url.empty(); };
  if (!read || std::any_of(reader.values.begin(), reader.values.end(), without_id)) return unusable(what);
  return std::move(reader.values);
}

Result<OpIdentity> parse_op_identity(std::string_view json, std::string_view what) {
  IdentityReader reader;
  if (!read_with(reader, json) || !reader.fits() || reader.values.empty() || reader.values.front().url.empty()) {
    return unusable(what);
  }
  return std::move(reader.values.front());
}

Result<std::vector<OpVault>> parse_op_vaults(std::string_view json, std::string_view what) {
  VaultReader reader;
  const bool read = read_with(reader, json) && reader.fits();
  const auto without_id = [](const OpVault& vault) { return !is_op_id(vault.id); };
  if (!read || std::any_of(reader.values.begin(), reader.values.end(), without_id)) return unusable(what);
  return std::move(reader.values);
}

Result<std::vector<OpItem>> parse_op_items(std::string_view json, std::string_view what) {
  ItemReader reader(false);
  const bool read = read_with(reader, json) && reader.fits() && !reader.bad_time;
  if (!read || !std::all_of(reader.values.begin(), reader.values.end(), is_whole)) return unusable(what);
  return std::move(reader.values);
}

Result<OpItem> parse_op_item(std::string_view json, std::string_view what) {
  ItemReader reader(true);
  if (!read_with(reader, json) || !reader.fits() || reader.bad_time || reader.values.empty() ||
      !is_whole(reader.values.front())) {
    return unusable(what);
  }
  return std::move(reader.values.front());
}

Result<Secret> op_field_value(std::string_view json, std::size_t position, std::string_view what) {
  ItemReader reader(true, position);
  if (!read_with(reader, json) || !reader.fits() || reader.values.empty() ||
      position >= reader.values.front().fields.size()) {
    return unusable(what);
  }
  return std::move(reader.wanted_value);
}

}  // namespace jackin::secrets
