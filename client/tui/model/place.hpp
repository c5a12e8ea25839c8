// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/terminal/key.hpp"
#include "client/tui/model/operation.hpp"

namespace jackin::tui {

/// A place that a token can be written to: a store that the daemon knows, or the configuration file itself (literal).
struct Store {
  SourceKind kind = SourceKind::file;
  std::string name{};  ///< "Secret Service"
  std::string note{};  ///< Why it is not available, or what it is: "GNOME Keyring".
  bool available = false;
  bool is_default = false;
};

/// Where to store a new token. A field holds the ID of an existing entry or the name of a new one. For an empty field,
/// the daemon chooses a default.
struct Place {
  SourceKind store = SourceKind::file;
  std::string account{};
  std::string vault{};
  std::string item{};  ///< The ID of an item, or the title of a new one.
  std::string section{};
  std::string field{};
  std::string label{};  ///< For display: "1P Personal/Claude".
  friend bool operator==(const Place&, const Place&) = default;
};

/// Why a place is chosen: it is for new tokens of these scopes, created one after the other.
struct Purpose {
  std::vector<Scope> scopes{};
  bool create = false;    ///< Setup also creates the workspace's file, after it has stored the token.
  std::string workdir{};  ///< For `create`: an absolute path.
};

/// What the user typed before a list arrived: keys and pasted texts, in their order.
using TypedAhead = std::deque<std::variant<client::Key, std::string>>;

/// Numbers a question to 1Password or for details, or a check of doctor. Answers to an earlier question are dropped.
using Ticket = std::uint64_t;

struct WalkAccount {
  std::string id{};
  std::string name{};
  bool is_default = false;
};
struct WalkVault {
  std::string id{};
  std::string name{};
  bool is_default = false;
};
struct WalkItem {
  std::string id{};
  std::string title{};
  std::string category{};  ///< "secure note"
  bool usable = true;
  std::string reason{};  ///< Why it is not usable.
};
struct WalkSection {
  std::string id{};
  std::string label{};
};
struct WalkField {
  std::string id{};
  std::string section{};  ///< The section's ID; empty for none.
  std::string label{};
  bool has_value = false;
  bool usable = true;
  std::string reason{};
};

/// The choice of a place in 1Password, step by step.
struct Walk {
  enum class Stage { account, vault, item, title, section, section_name, field, field_name };

  /// One row of a stage.
  struct Line {
    enum class Kind {
      entry,
      create,   ///< "+ New …"
      nothing,  ///< "no section"
    };
    Kind kind = Kind::entry;
    std::string id{};
    std::string name{};
    std::string note{};
    bool usable = true;
  };

  /// What a stage shows. Earlier views are kept, so going back needs no request.
  struct View {
    Stage stage = Stage::account;
    std::vector<Line> lines{};
    std::string filter{};
    std::size_t selected = 0;      ///< Among the lines that pass the filter.
    std::string text{};            ///< The typed text in a stage that asks for a name.
    std::string problem{};         ///< Why the typed name is not accepted.
    std::optional<Moment> from{};  ///< When the lines were read; nothing before the first answer.
  };

  Purpose purpose{};
  View view{};
  std::vector<View> earlier{};

  std::string account{};
  std::string account_name{};
  std::string vault{};
  std::string vault_name{};
  std::string item{};        ///< The ID; empty for a new one.
  std::string item_title{};  ///< Of the item, or of the new one.
  bool is_new_item = false;
  std::string section{};
  std::string section_name{};
  bool is_new_section = false;
  std::string field{};
  std::vector<WalkSection> sections{};
  std::vector<WalkField> fields{};

  Ticket ticket = 0;         ///< Of the open request; 0 if none is open.
  TypedAhead typed_ahead{};  ///< From the first Enter on.
  std::optional<Moment> asked_at{};
  std::optional<Error> failure{};
};

/// The lines of a stage that pass its filter: every "+ New …", and each entry that contains the filter, ignoring case.
std::vector<const Walk::Line*> filtered_lines(const Walk::View& view);

/// Whether `text` contains `part`, ignoring the case of ASCII letters.
bool contains(std::string_view text, std::string_view part);

}  // namespace jackin::tui
