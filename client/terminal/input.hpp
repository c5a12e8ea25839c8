// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/terminal/key.hpp"

namespace jackin::client {

/// Removes the first `count` bytes of `text`, and overwrites the bytes after the new end with zeros.
void wipe_front(std::string& text, std::size_t count);

/// Turns the bytes of a terminal into keys, pastes and mouse events. It has no clock: the caller passes the time in.
/// Accepts any bytes. The bytes of all keys together equal the bytes that were fed, without pastes, mouse events and
/// replies of the terminal. One thread at a time.
class InputParser {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// A lone ESC becomes the key Esc after this pause. If a byte follows earlier, ESC begins a sequence.
  static constexpr std::chrono::milliseconds escape_wait{30};
  /// The pause that ends a chunk of collected keys (`collect`).
  static constexpr std::chrono::milliseconds chunk_pause{20};
  /// A paste without an end is reported after this pause.
  static constexpr std::chrono::seconds paste_wait{5};

  /// Adds bytes that were read at `now`.
  void feed(std::string_view bytes, Time now);

  /// Returns the input that is complete at `now`, in order, and removes it.
  std::vector<Input> take(Time now);

  /// The time from which `take` returns input even if no byte arrives; nothing if it needs more bytes.
  std::optional<Time> deadline() const;

  /// If true, `take` holds keys back until a pause of `chunk_pause`, at most 200 ms, and returns them together. A
  /// network splits a code that is typed or pasted at once, and claude takes the pieces for keys (its "c" copies).
  void collect(bool chunks) noexcept { collects_ = chunks; }

 private:
  struct Step {
    std::size_t bytes = 0;  // 0: more bytes are needed
    std::optional<Input> input;
    bool begins_paste = false;
  };

  void parse(bool expired);
  void end_paste(bool cut);
  bool paste_more(bool expired);
  bool goes_on_with_paste_start(bool expired);
  static Step step(std::string_view text, bool expired);
  static Step sequence(std::string_view text, bool expired);
  static Step control_sequence(std::string_view text);
  std::optional<std::chrono::milliseconds> wait() const;

  std::string pending_;
  // The beginning of ESC[200~ that was already reported as keys, since the rest came late.
  std::string reported_;
  bool in_paste_ = false;
  bool paste_cut_ = false;
  Secret paste_;
  bool collects_ = false;
  std::deque<Input> ready_;
  Time last_byte_{};
  Time first_ready_{};
};

}  // namespace jackin::client
