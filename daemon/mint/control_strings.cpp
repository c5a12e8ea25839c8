// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/control_strings.hpp"

#include <algorithm>

namespace jackin::mint {
namespace {

constexpr char escape = '\x1b';
constexpr char bell = '\x07';
constexpr char cancel = '\x18';
constexpr char substitute = '\x1a';
constexpr std::size_t most_contents = 256;

}  // namespace

void ControlStrings::write(std::span<const char> bytes) {
  while (!bytes.empty()) {
    if (state_ == State::text) {
      const auto count = static_cast<std::size_t>(std::find(bytes.begin(), bytes.end(), escape) - bytes.begin());
      if (count != 0) rest_(bytes.first(count));
      bytes = bytes.subspan(count);
      if (bytes.empty()) return;
      state_ = State::escape;
    } else {
      step(bytes.front());
    }
    bytes = bytes.subspan(1);
  }
}

void ControlStrings::step(char byte) {
  if (state_ == State::escape) {
    after_escape(byte);
  } else if (state_ == State::string_escape) {
    if (byte == '\\') {
      finish();
    } else {  // any other sequence ends the string, and the handler is not called
      after_escape(byte);
    }
  } else if (byte == escape) {
    state_ = State::string_escape;
  } else if (byte == bell) {
    finish();
  } else if (byte == cancel || byte == substitute) {
    state_ = State::text;
  } else if (contents_.size() < most_contents) {
    contents_ += byte;
  }
}

void ControlStrings::after_escape(char byte) {
  if (byte == escape) {
    state_ = State::escape;
  } else if (std::string_view("]PX^_").find(byte) != std::string_view::npos) {
    state_ = State::string;
    kind_ = byte;
    contents_.clear();
  } else {
    state_ = State::text;
    const char sequence[] = {escape, byte};
    rest_(sequence);
  }
}

void ControlStrings::finish() {
  state_ = State::text;
  handler_(kind_, contents_);
}

}  // namespace jackin::mint
