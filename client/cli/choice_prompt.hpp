// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/line_prompt.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// One of several things to choose. Printable.
struct ChoiceOption {
  std::string name;
  std::string note = {};  ///< Shown beside it.
  std::string key = {};   ///< Typed for it; empty: its number.
  std::string id = {};    ///< Typed in place of the name.
  bool usable = true;     ///< Else shown without a number; the note says why.
};

/// Asks which one: by number, by key, by name or ID in any case, or by a part of a name that only one has. An empty
/// line takes `preset`. Many options are shown in part, and a part of a name then shows those that have it. The
/// position of a usable option. Errors: cancelled.
Result<std::size_t> choose(LinePrompt& prompt, const std::string& title, const std::vector<ChoiceOption>& options,
                           std::optional<std::size_t> preset);

}  // namespace jackin::client
