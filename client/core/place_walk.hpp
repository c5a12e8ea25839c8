// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/result.hpp"
#include "jackin/v1/stores.pb.h"
#include "jackin/v1/tokens.pb.h"

namespace jackin::client {

/// A part of the place for a token, in the order in which the user chooses them. All but `store` are 1Password's.
enum class PlacePart { store, account, vault, item, section, field };

/// A listing that the walk needs from the daemon, without the client's environment.
using PlaceQuery = std::variant<v1::ListStoresRequest, v1::OpAccountsRequest, v1::OpVaultsRequest, v1::OpItemsRequest,
                                v1::OpItemRequest>;
using PlaceListing =
    std::variant<v1::ListStoresReply, v1::OpAccountsReply, v1::OpVaultsReply, v1::OpItemsReply, v1::OpItemReply>;

/// One row to choose. Text is as the daemon sent it.
struct PlaceOption {
  enum class Kind {
    existing,
    no_section,  ///< The field is in no section.
    create,      ///< A new item, section or field.
  };
  Kind kind = Kind::existing;
  std::string id = {};  ///< Of a store: the word of its kind.
  v1::SourceKind store = v1::SOURCE_KIND_UNSPECIFIED;
  std::string name = {};
  bool usable = true;
  std::string reason = {};  ///< Why it cannot be chosen.
  bool has_value = false;   ///< A field whose value would be replaced.
};

/// The user chooses one of `options`.
struct PlaceChoice {
  PlacePart part = PlacePart::store;
  std::vector<PlaceOption> options = {};
  std::optional<std::size_t> preset = {};
  std::string item_title = {};  ///< The title of the item that holds the sections or fields.
};

/// The user names a new item, section or field.
struct PlaceName {
  PlacePart part = PlacePart::item;
  bool in_new_item = false;
  std::string preset = {};    ///< Taken for an empty name.
  bool may_be_empty = false;  ///< Empty means none.
};

/// Why a name was refused.
enum class NameProblem { none, empty, taken };

/// The walk is at its end.
struct PlaceChosen {};

/// The choice of a place for a token, one part after the other: store, account, vault, item, section, field. A state
/// machine without I/O: the client answers what `current()` needs. Parts that are given at the start are not asked for.
/// Choices are recorded by ID. A value, safe to copy.
class PlaceWalk {
 public:
  explicit PlaceWalk(v1::StorePlace given);

  /// What the walk needs next.
  using Need = std::variant<PlaceQuery, PlaceChoice, PlaceName, PlaceChosen>;
  const Need& current() const { return state_.need; }

  /// Takes the daemon's answer to the current query. Errors: store_unavailable when no store can be used; internal for
  /// the answer to another query.
  Result<> take(const PlaceListing& listing);
  /// Chooses an option of the current choice. Returns false, and changes nothing, for one that is not usable.
  bool choose(std::size_t option);
  /// Gives the current name. Changes nothing when it is refused.
  NameProblem name(const std::string& given);

  /// Returns to the last choice or name of the user. Returns false at the first one.
  bool back();

  /// The place as far as it is chosen.
  const v1::StorePlace& place() const { return state_.place; }

 private:
  struct State {
    v1::StorePlace place;
    Need need = PlaceChosen();
    v1::OpItemReply item;  // the chosen item
    bool is_new_section = false;
  };

  Result<> take_stores(const v1::ListStoresReply& reply);
  void take_accounts(const v1::OpAccountsReply& reply);
  void take_vaults(const v1::OpVaultsReply& reply);
  void take_items(const v1::OpItemsReply& reply);
  void take_item(const v1::OpItemReply& reply);

  void need_account();
  void need_vault();
  void need_item();
  void need_content();
  void need_parts_of_new_item();
  void need_section();
  void need_field();
  void need_name_of_field();
  bool is_taken(PlacePart part, const std::string& name) const;

  State state_;
  std::vector<State> past_;  // at each choice or name that was answered
};

}  // namespace jackin::client
