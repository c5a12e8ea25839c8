// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daemon/mint/screen.hpp"

namespace jackin::mint {

/// Which cells of a screen must not be shown, a value.
class Mask {
 public:
  explicit Mask(TerminalSize size);

  bool hides(int row, int column) const { return hidden_[index(row, column)]; }
  void hide(int row, int column) { hidden_[index(row, column)] = true; }
  void show(int row, int column) { hidden_[index(row, column)] = false; }

 private:
  std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * columns_ + static_cast<std::size_t>(column);
  }

  std::size_t columns_;
  std::vector<bool> hidden_;
};

/// The mask for the present `screen`. It hides everything from the start of a credential on (`sk-`…). It hides every
/// run of six or more token characters, across rows, that is not made of words. It hides all full-width letters and
/// digits. It compares base characters, so combining marks do not affect it. In doubt it hides. Parts of an https URL
/// with a query are shown: of any such URL until `urls` names those that claude has shown, afterwards of those alone.
/// So text drawn over a URL does not count as a part of it.
Mask mask_for(const Screen& screen, const std::vector<std::string>& urls);

}  // namespace jackin::mint
