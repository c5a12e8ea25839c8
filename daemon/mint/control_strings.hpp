// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace jackin::mint {

/// Removes the control strings (OSC, DCS, SOS, PM, APC: ECMA-48, 5.6) from a program's terminal output. They draw
/// nothing. libvterm 0.1.4 loses a string that is split over two writes (seen). When the split is within the
/// terminator, it computes the length -1 and reads past the buffer on the heap (seen).
class ControlStrings {
 public:
  using Sink = std::function<void(std::span<const char>)>;
  /// `kind` is the character after ESC: `]` for OSC, `P` for DCS and so on. Contents end after 256 bytes.
  using Handler = std::function<void(char kind, std::string_view contents)>;

  ControlStrings(Sink rest, Handler handler) : rest_(std::move(rest)), handler_(std::move(handler)) {}

  /// Passes the rest of `bytes` to the sink, in order, in spans of `bytes` or together with an ESC from an earlier
  /// write. No span ends in an ESC. Any split of the bytes gives the same result.
  void write(std::span<const char> bytes);

 private:
  enum class State { text, escape, string, string_escape };

  void step(char byte);
  void after_escape(char byte);
  void finish();

  Sink rest_;
  Handler handler_;
  State state_ = State::text;
  char kind_ = 0;
  std::string contents_;
};

}  // namespace jackin::mint
