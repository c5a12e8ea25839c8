// SPDX-License-Identifier: Apache-2.0
#include "client/cli/place_questions.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/core/place_listing.hpp"
#include "client/core/place_walk.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

ChoiceOption row_of(PlacePart part, const PlaceOption& option) {
  switch (option.kind) {
    case PlaceOption::Kind::no_section:
      return {.name = "no section", .key = "-"};
    case PlaceOption::Kind::create: {
      const std::string_view what = part == PlacePart::item      ? "new item"
                                    : part == PlacePart::section ? "new section"
                                                                 : "new field";
      return {.name = std::string(what), .key = "+"};
    }
    case PlaceOption::Kind::existing:
      break;
  }
  std::string note = printable(option.reason);
  if (option.has_value) note = "has a value, which would be replaced";
  return {.name = printable(option.name), .note = std::move(note), .id = option.id, .usable = option.usable};
}

std::string question_of(const PlaceChoice& choice) {
  switch (choice.part) {
    case PlacePart::store:
      return "Where should jackind store the token?";
    case PlacePart::account:
      return "Which 1Password account?";
    case PlacePart::vault:
      return "Which vault?";
    case PlacePart::item:
      return "Which item?";
    case PlacePart::section:
      return "Which section of '" + printable(choice.item_title) + "'?";
    case PlacePart::field:
      break;
  }
  return "Which field?";
}

std::string question_of(const PlaceName& name) {
  std::string question;
  if (name.part == PlacePart::item) {
    question = "Title of the new item";
  } else if (name.part == PlacePart::section) {
    question = name.in_new_item ? "Section of the field (press Enter for none)" : "Name of the new section";
  } else {
    question = name.in_new_item ? "Field" : "Name of the new field";
  }
  return name.preset.empty() ? question + ": " : question + " [" + name.preset + "]: ";
}

class PlaceQuestions {
 public:
  PlaceQuestions(LinePrompt& prompt, const Connect& connect, const Environment& environment,
                 const v1::StorePlace& given)
      : prompt_(prompt), connect_(connect), environment_(environment), walk_(given) {}

  Result<v1::StorePlace> ask() {
    while (!std::holds_alternative<PlaceChosen>(walk_.current())) {
      const PlaceWalk::Need need = walk_.current();
      if (const auto* const query = std::get_if<PlaceQuery>(&need)) {
        TRY(list(*query));
      } else if (const auto* const choice = std::get_if<PlaceChoice>(&need)) {
        TRY(ask(*choice));
      } else if (const auto* const name = std::get_if<PlaceName>(&need)) {
        TRY(ask(*name));
      }
    }
    return walk_.place();
  }

 private:
  Result<> list(const PlaceQuery& query) {
    if (!std::holds_alternative<v1::ListStoresRequest>(query) && !std::exchange(says_that_it_looks_, true)) {
      prompt_.say("Reading 1Password; it may ask for your approval.");
    }
    TRY(const PlaceListing listing, list_places(connect_, environment_, query, interruptible(prompt_.signals())));
    TRY(walk_.take(listing));
    const auto* const accounts = std::get_if<v1::OpAccountsReply>(&listing);
    if (accounts != nullptr && !accounts->service_account() && accounts->accounts_size() == 1) {
      prompt_.say("The account is " + printable(accounts->accounts(0).name()) + ".");
    }
    const auto* const items = std::get_if<v1::OpItemsReply>(&listing);
    if (items != nullptr && items->items().empty()) prompt_.say("The vault has no items; jackind creates one.");
    return {};
  }

  Result<> ask(const PlaceChoice& choice) {
    std::vector<ChoiceOption> rows;
    for (const PlaceOption& option : choice.options) rows.push_back(row_of(choice.part, option));
    TRY(const std::size_t chosen, choose(prompt_, question_of(choice), rows, choice.preset));
    walk_.choose(chosen);
    return {};
  }

  Result<> ask(const PlaceName& name) {
    for (;;) {
      TRY(const std::string line, prompt_.ask(question_of(name)));
      switch (walk_.name(line)) {
        case NameProblem::none:
          return {};
        case NameProblem::empty:
          prompt_.say("Enter a name.");
          break;
        case NameProblem::taken:
          prompt_.say("There is a '" + printable(line.empty() ? name.preset : line) + "' already. Enter another name.");
          break;
      }
    }
  }

  LinePrompt& prompt_;
  const Connect& connect_;
  const Environment& environment_;
  PlaceWalk walk_;
  bool says_that_it_looks_ = false;
};

}  // namespace

Result<> ask_for_place(LinePrompt& prompt, const Connect& connect, const Environment& environment,
                       v1::StorePlace& place) {
  TRY(place, PlaceQuestions(prompt, connect, environment, place).ask());
  return {};
}

}  // namespace jackin::client
