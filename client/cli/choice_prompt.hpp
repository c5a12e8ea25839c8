// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/line_prompt.hpp"
#include "common/result.hpp"

namespace jackin::client {

/// One option of a question. Printable.
struct ChoiceOption {
  std::string name;
  std::string note = {};  ///< Shown beside the name.
  std::string key = {};   ///< What the user types to choose it; empty: its number.
  std::string id = {};    ///< Accepted in place of the name.
  bool usable = true;     ///< False: shown without a number, and the note gives the reason.
};

/// Asks the user for one option: by number, key, name or ID in any case, or by a part of a name that only one option
/// has. An empty line chooses `preset`. A long list is shown in part; a part of a name then lists the options that
/// contain it. Returns the position of a usable option. Errors: cancelled.
Result<std::size_t> choose(LinePrompt& prompt, const std::string& title, const std::vector<ChoiceOption>& options,
                           std::optional<std::size_t> preset);

}  // namespace jackin::client
