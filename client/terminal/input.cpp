// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/input.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <utility>

#include "common/text_characters.hpp"

namespace jackin::client {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view paste_start = "\x1b[200~";
constexpr std::string_view paste_end = "\x1b[201~";
// No key sequence of a terminal is longer than `longest_sequence`. An unfinished string that is longer than
// `longest_string` is dropped.
constexpr std::size_t longest_sequence = 64;
constexpr std::size_t longest_string = 4096;
// How long an incomplete sequence or character waits for its rest. Then ESC [ is a key with Alt.
constexpr milliseconds sequence_wait{500};
constexpr milliseconds longest_chunk{200};

bool is_control(char byte) {
  return static_cast<unsigned char>(byte) < ' ' || byte == 0x7f;
}

bool begins_with(std::string_view text, std::string_view beginning) {
  return text.substr(0, beginning.size()) == beginning;
}

Key named(KeyName name, std::string_view bytes, char32_t code = 0) {
  return {.name = name, .code = code, .bytes = std::string(bytes)};
}

// The keys of ESC [ N ~ (ctlseqs of xterm, "PC-Style Function Keys").
Key tilde_key(int number, std::string_view bytes) {
  switch (number) {
    case 1:
    case 7:
      return named(KeyName::home, bytes);
    case 2:
      return named(KeyName::insert, bytes);
    case 3:
      return named(KeyName::del, bytes);
    case 4:
    case 8:
      return named(KeyName::end, bytes);
    case 5:
      return named(KeyName::page_up, bytes);
    case 6:
      return named(KeyName::page_down, bytes);
    default:
      break;
  }
  // 11 to 15, 17 to 21, 23, 24: F1 to F12.
  constexpr std::array<int, 12> function_keys{11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24};
  const auto at = std::find(function_keys.begin(), function_keys.end(), number);
  if (at == function_keys.end()) return named(KeyName::unknown, bytes);
  return named(KeyName::function, bytes, static_cast<char32_t>(at - function_keys.begin() + 1));
}

// The keys that end in a letter, after ESC [ or ESC O.
Key letter_key(char letter, std::string_view bytes) {
  switch (letter) {
    case 'A':
      return named(KeyName::up, bytes);
    case 'B':
      return named(KeyName::down, bytes);
    case 'C':
      return named(KeyName::right, bytes);
    case 'D':
      return named(KeyName::left, bytes);
    case 'H':
      return named(KeyName::home, bytes);
    case 'F':
      return named(KeyName::end, bytes);
    case 'M':
      return named(KeyName::enter, bytes);
    case 'P':
    case 'Q':
    case 'R':
    case 'S':
      return named(KeyName::function, bytes, static_cast<char32_t>(letter - 'P' + 1));
    case 'Z':
      return named(KeyName::back_tab, bytes);
    default:
      return named(KeyName::unknown, bytes);
  }
}

// The numbers between semicolons; -1 for one that is left out or not a number.
std::array<int, 3> numbers_in(std::string_view parameters) {
  std::array<int, 3> numbers{-1, -1, -1};
  std::size_t at = 0;
  for (const char character : parameters) {
    if (character == ';') {
      if (++at == numbers.size()) break;
    } else if (character >= '0' && character <= '9') {
      numbers[at] = std::min(std::max(numbers[at], 0) * 10 + (character - '0'), 1'000'000);
    }
  }
  return numbers;
}

// xterm sends 1 + shift 1 + alt 2 + ctrl 4.
void set_modifiers(Key& key, int parameter) {
  if (parameter < 2) return;
  const int bits = parameter - 1;
  key.shift = (bits & 1) != 0;
  key.alt = (bits & 2) != 0;
  key.ctrl = (bits & 4) != 0;
}

Key control_key(unsigned char byte, std::string_view bytes) {
  switch (byte) {
    case '\r':
    case '\n':
      return named(KeyName::enter, bytes);
    case '\t':
      return named(KeyName::tab, bytes);
    case '\b':
    case 0x7f:
      return named(KeyName::backspace, bytes);
    default:
      break;
  }
  Key key = named(KeyName::character, bytes, byte < 0x1b && byte > 0 ? byte + U'`' : byte + U'@');
  key.ctrl = true;
  return key;
}

// A character that the terminal sends as a number: ESC [ code ; modifiers u.
Key coded_key(int code, int modifiers, std::string_view bytes) {
  Key key = named(KeyName::unknown, bytes);
  if (code == 27) {
    key.name = KeyName::escape;
  } else if (code == '\r' || code == '\t' || code == 0x7f || code == '\b') {
    key = control_key(static_cast<unsigned char>(code), bytes);
  } else if (code >= ' ' && code < 0xe000) {
    key.name = KeyName::character;
    key.code = static_cast<char32_t>(code);
  }
  set_modifiers(key, modifiers);
  if (key.name == KeyName::tab && key.shift) key.name = KeyName::back_tab;
  return key;
}

std::optional<Input> mouse_event(std::string_view parameters, bool pressed) {
  const auto [bits, column, row] = numbers_in(parameters);
  if (bits < 0 || column < 1 || row < 1) return std::nullopt;
  Mouse mouse{.button = bits & 3, .row = row - 1, .column = column - 1};
  if ((bits & 64) != 0) {
    if (mouse.button > 1) return std::nullopt;
    mouse.kind = mouse.button == 0 ? Mouse::Kind::wheel_up : Mouse::Kind::wheel_down;
    mouse.button = 0;
  } else if ((bits & 32) == 0 && mouse.button != 3) {
    mouse.kind = pressed ? Mouse::Kind::press : Mouse::Kind::release;
  }
  return mouse;
}

}  // namespace

InputParser::Step InputParser::control_sequence(std::string_view text) {
  // ESC [ parameters (0x30 to 0x3f), intermediate bytes (0x20 to 0x2f), final byte (0x40 to 0x7e): ECMA-48, 5.4.
  std::size_t end = 2;
  // The function keys of the Linux console: ESC [ [ A.
  if (text.size() > 2 && text[2] == '[') {
    if (text.size() < 4) return {};
    const bool is_key = text[3] >= 'A' && text[3] <= 'E';
    return {4, named(is_key ? KeyName::function : KeyName::unknown, text.substr(0, 4),
                     is_key ? static_cast<char32_t>(text[3] - 'A' + 1) : 0)};
  }
  while (end < text.size() && text[end] >= 0x20 && text[end] <= 0x3f && end < longest_sequence) ++end;
  if (end == text.size() && end < longest_sequence) return {};
  const char last = text[std::min(end, text.size() - 1)];
  if (last < 0x40 || last > 0x7e) return {end, named(KeyName::unknown, text.substr(0, end))};
  const std::string_view bytes = text.substr(0, end + 1);
  const std::string_view parameters = text.substr(2, end - 2);
  if (bytes == paste_start) return {bytes.size(), std::nullopt, true};
  if (bytes == paste_end) return {bytes.size(), std::nullopt};
  if (!parameters.empty() && parameters.front() == '<' && (last == 'M' || last == 'm')) {
    return {bytes.size(), mouse_event(parameters.substr(1), last == 'M')};
  }
  // An old mouse event, with three more bytes, from a terminal without mode 1006.
  if (parameters.empty() && last == 'M') {
    return text.size() < bytes.size() + 3 ? Step{} : Step{bytes.size() + 3, std::nullopt};
  }
  const bool is_plain = std::all_of(parameters.begin(), parameters.end(), [](char character) {
    return character == ';' || (character >= '0' && character <= '9');
  });
  if (!is_plain) return {bytes.size(), std::nullopt};  // a reply of the terminal
  const auto [first, second, third] = numbers_in(parameters);
  if (last == '~' && first == 27) return {bytes.size(), coded_key(third, second, bytes)};
  if (last == 'u') return {bytes.size(), coded_key(first, second, bytes)};
  // Replies: position (R with a row), device attributes, status.
  if ((last == 'R' && second > 0 && first != 1) || last == 'c' || last == 'n' || last == 't')
    return {bytes.size(), std::nullopt};
  Key key = last == '~' ? tilde_key(first, bytes) : letter_key(last, bytes);
  set_modifiers(key, second);
  return {bytes.size(), std::move(key)};
}

InputParser::Step InputParser::sequence(std::string_view text, bool expired) {
  const auto alt = [&](std::size_t size) -> Step {
    Step inner = step(text.substr(1, size - 1), true);
    auto* key = inner.input ? std::get_if<Key>(&*inner.input) : nullptr;
    if (key == nullptr) return {1, named(KeyName::escape, text.substr(0, 1))};
    key->alt = true;
    key->bytes.insert(0, 1, '\x1b');
    return {inner.bytes + 1, std::move(inner.input)};
  };
  switch (text[1]) {
    case '[': {
      if (text.size() == 2) return expired ? alt(2) : Step{};
      return control_sequence(text);
    }
    case 'O':
      if (text.size() == 2) return expired ? alt(2) : Step{};
      return {3, letter_key(text[2], text.substr(0, 3))};
    case ']':
    case 'P':
    case '^':
    case '_':
    case 'X': {
      // A string up to BEL or ESC \: a reply of the terminal. No reply contains a control character, so a key ends it.
      const auto end_at = [&](std::size_t end) { return end == 2 ? alt(2) : Step{end, std::nullopt}; };
      for (std::size_t at = 2; at < text.size(); ++at) {
        if (text[at] == '\a') return {at + 1, std::nullopt};
        if (text[at] == '\x1b') {
          const bool is_last = at + 1 == text.size();
          if (is_last && !expired) return {};
          return !is_last && text[at + 1] == '\\' ? Step{at + 2, std::nullopt} : end_at(at);
        }
        if (is_control(text[at])) return end_at(at);
      }
      if (text.size() > longest_string) return {text.size(), std::nullopt};
      if (!expired) return {};
      return text.size() == 2 ? alt(2) : Step{text.size(), std::nullopt};
    }
    case '\x1b':
      // The first ESC is the key Esc. Some terminals send ESC ESC [ A for Alt-Up: it is reported as Esc and Up.
      return {1, named(KeyName::escape, text.substr(0, 1))};
    default:
      break;
  }
  const Step inner = step(text.substr(1), expired);
  return inner.bytes == 0 ? Step{} : alt(inner.bytes + 1);
}

InputParser::Step InputParser::step(std::string_view text, bool expired) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first == 0x1b) {
    if (text.size() > 1) return sequence(text, expired);
    return expired ? Step{1, named(KeyName::escape, text)} : Step{};
  }
  if (first < 0x20 || first == 0x7f) return {1, control_key(first, text.substr(0, 1))};
  const auto [code, bytes] = first_character(text);
  if (bytes > 0) return {bytes, named(KeyName::character, text.substr(0, bytes), code)};
  // An incomplete character, or a byte that is not UTF-8.
  const std::size_t wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
  const bool may_go_on = first <= 0xf4 && text.size() < wanted &&
                         std::all_of(text.begin() + 1, text.end(), [](char byte) { return (byte & 0xc0) == 0x80; });
  if (may_go_on && !expired) return {};
  return {1, named(KeyName::unknown, text.substr(0, 1))};
}

void wipe_front(std::string& text, std::size_t count) {
  const std::size_t kept = text.size() - count;
  std::memmove(text.data(), text.data() + count, kept);
  sodium_memzero(text.data() + kept, count);
  text.resize(kept);
}

void InputParser::feed(std::string_view bytes, Time now) {
  if (bytes.empty()) return;
  if (const auto due = wait(); due && now >= last_byte_ + *due) parse(true);
  last_byte_ = now;
  pending_.append(bytes);
  const bool had_none = ready_.empty();
  parse(false);
  if (had_none) first_ready_ = now;
}

void InputParser::end_paste(bool cut) {
  ready_.emplace_back(Paste{std::exchange(paste_, Secret()), cut});
  in_paste_ = false;
  paste_cut_ = false;
}

// Returns whether the paste has ended.
bool InputParser::paste_more(bool expired) {
  const std::size_t end = pending_.find(paste_end);
  std::size_t text = std::min(end, pending_.size());
  std::size_t used = end == std::string::npos ? text : end + paste_end.size();
  if (end == std::string::npos && !expired) {
    // The last bytes may be the beginning of the end mark, so they stay pending.
    std::size_t kept = std::min(paste_end.size() - 1, pending_.size());
    while (kept > 0 && !begins_with(paste_end, std::string_view(pending_).substr(pending_.size() - kept))) --kept;
    text -= kept;
    used = text;
  }
  const std::size_t fitting = std::min(text, most_pasted - paste_.size());
  paste_cut_ = paste_cut_ || fitting < text;
  paste_.append(std::string_view(pending_).substr(0, fitting));
  wipe_front(pending_, used);
  if (end == std::string::npos && !expired) return false;
  end_paste(paste_cut_);
  return true;
}

// Handles the rest of an ESC[200~ whose beginning was already reported as keys. Returns whether more bytes are needed.
bool InputParser::goes_on_with_paste_start(bool expired) {
  const std::string_view rest = paste_start.substr(reported_.size());
  if (begins_with(pending_, rest)) {
    wipe_front(pending_, rest.size());
    reported_.clear();
    in_paste_ = true;
    return false;
  }
  if (begins_with(rest, pending_)) {
    if (!expired) return true;
    reported_ += pending_;
  } else {
    reported_.clear();
  }
  return false;
}

void InputParser::parse(bool expired) {
  while (!pending_.empty() || (in_paste_ && expired)) {
    if (in_paste_) {
      if (!paste_more(expired)) return;
      continue;
    }
    const bool was_reported = !reported_.empty();
    if (was_reported && goes_on_with_paste_start(expired)) return;
    if (in_paste_) continue;
    Step next = step(pending_, expired);
    if (next.bytes == 0) {
      // The sequence is still incomplete after its wait, so it is reported as one unknown key.
      if (!expired) return;
      next = {pending_.size(), named(KeyName::unknown, pending_)};
    }
    const bool is_beginning =
        expired && !was_reported && next.bytes == pending_.size() && begins_with(paste_start, pending_);
    if (is_beginning) reported_ = pending_;
    if (next.input) ready_.push_back(std::move(*next.input));
    wipe_front(pending_, next.bytes);
    if (next.begins_paste) in_paste_ = true;
  }
}

// Returns how long the pending bytes wait for more; nothing if they wait without limit.
std::optional<milliseconds> InputParser::wait() const {
  if (in_paste_) return paste_wait;
  if (pending_.empty()) return std::nullopt;
  if (!reported_.empty() || pending_ == "\x1b") return escape_wait;
  // No key consists of these bytes alone, and the network may have split a paste here. So they wait without limit.
  if (pending_.size() > 2 && begins_with(pending_, "\x1b[")) return std::nullopt;
  return sequence_wait;
}

std::optional<InputParser::Time> InputParser::deadline() const {
  std::optional<Time> due;
  if (const auto limit = wait()) due = last_byte_ + *limit;
  if (!ready_.empty()) {
    const Time chunk = collects_ ? std::min(last_byte_ + chunk_pause, first_ready_ + longest_chunk) : last_byte_;
    due = due ? std::min(*due, chunk) : chunk;
  }
  return due;
}

std::vector<Input> InputParser::take(Time now) {
  if (const auto due = wait(); due && now >= last_byte_ + *due) parse(true);
  if (collects_ && now < last_byte_ + chunk_pause && now < first_ready_ + longest_chunk) return {};
  std::vector<Input> taken(std::make_move_iterator(ready_.begin()), std::make_move_iterator(ready_.end()));
  ready_.clear();
  return taken;
}

}  // namespace jackin::client
