// SPDX-License-Identifier: Apache-2.0
#include "tests/support/token_forms.hpp"

#include <cctype>

namespace jackin::test {
namespace {

enum class Digits { decimal, lower, upper };

// Writes each byte as a number between `before` and `after`, with two digits in base 16.
std::string each(std::string_view text, std::string_view before, Digits digits, std::string_view after = {}) {
  const std::string_view hexadecimal = digits == Digits::upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string whole;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    whole += before;
    if (digits == Digits::decimal) {
      whole += std::to_string(byte);
    } else {
      whole += hexadecimal[byte >> 4];
      whole += hexadecimal[byte & 0x0f];
    }
    whole += after;
  }
  return whole;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  unsigned bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) text += digits[bits >> (held - 6) & 63];
  }
  if (held > 0) text += digits[bits << (6 - held) & 63];
  return text;
}

std::string with_between(std::string_view text, std::size_t every, std::string_view between) {
  std::string whole;
  for (std::size_t at = 0; at < text.size(); at += every) {
    if (at > 0) whole += between;
    whole += text.substr(at, every);
  }
  return whole;
}

std::string in_case(std::string_view text, int (*change)(int)) {
  std::string whole(text);
  for (char& c : whole) c = static_cast<char>(change(static_cast<unsigned char>(c)));
  return whole;
}

std::string full_width(std::string_view text) {
  std::string whole;
  for (const char c : text) {
    const unsigned code = static_cast<unsigned char>(c) + 0xfee0U;
    whole += static_cast<char>(0xe0 | code >> 12);
    whole += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    whole += static_cast<char>(0x80 | (code & 0x3f));
  }
  return whole;
}

std::string squeezed(std::string_view text) {
  std::string whole;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      whole += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return whole;
}

}  // namespace

std::vector<TokenForm> forms_of_token(std::string_view token) {
  const auto body = token.substr(token.find("oat01-") == token.npos ? 0 : token.find("oat01-") + 6);
  return {
      {"plain", std::string(token)},
      {"without its prefix", std::string(body)},
      {"upper case", in_case(token, std::toupper)},
      {"lower case, without its prefix", in_case(body, std::tolower)},
      {"percent-encoded", each(body, "%", Digits::upper)},
      {"percent-encoded twice", each(each(body, "%", Digits::lower), "%", Digits::upper)},
      {"escapes of C", each(body, "\\x", Digits::lower)},
      {"escapes of JSON", each(body, "\\u00", Digits::lower)},
      {"entities", each(body, "&#", Digits::decimal, ";")},
      {"hexadecimal entities", each(body, "&#x", Digits::upper, ";")},
      {"entities within percent signs", each(each(body, "&#", Digits::decimal, ";"), "%", Digits::upper)},
      {"base64", base64(token)},
      {"base64 behind one", base64("x" + std::string(token))},
      {"base64 behind two", base64("xy" + std::string(token))},
      {"base64 of what is behind the prefix", base64(body)},
      {"base64 of a header", base64("Authorization: Bearer " + std::string(token) + "\r\n")},
      {"base64, wrapped", with_between(base64(token), 60, "\n")},
      {"hexadecimal", each(token, {}, Digits::lower)},
      {"hexadecimal, capitals and colons", with_between(each(body, {}, Digits::upper), 2, ":")},
      {"quoted", "'" + std::string(body) + "'"},
      {"quoted piece by piece", with_between(body, 10, "\" \"")},
      {"wrapped", with_between(body, 40, "\n")},
      {"wrapped and indented", with_between(body, 20, "\r\n    | ")},
      {"spaced out", with_between(body, 1, " ")},
      {"spaced out, with its prefix", with_between(token, 1, " ")},
      {"in groups", with_between(body, 4, "-")},
      {"with zero-width spaces", with_between(body, 1, "\xe2\x80\x8b")},
      {"with combining marks", with_between(body, 1, "\xcc\x81")},
      {"coloured", with_between(body, 3, "\x1b[31m")},
      {"full-width", full_width(body)},
      {"its beginning", std::string(body.substr(0, 16))},
      {"its middle", std::string(body.substr(40, 16))},
      {"its end", std::string(body.substr(body.size() - 16))},
      {"pieces of six", with_between(body.substr(0, 24), 6, " or ")},
  };
}

std::string shown_piece(std::string_view text, std::string_view token) {
  constexpr std::size_t piece = 8;
  const std::string seen = squeezed(text);
  for (const auto& form : forms_of_token(token)) {
    if (text.find(form.text) != text.npos) return form.name;
    // For an encoded form its beginning is enough: it reveals the token as well.
    const std::string whole = squeezed(form.text);
    const std::string prefix = "skantoat01";
    for (std::size_t at = whole.starts_with(prefix) ? prefix.size() : 0; at + 2 * piece <= whole.size(); ++at) {
      if (seen.find(whole.substr(at, 2 * piece)) != seen.npos) return form.name + ", from " + std::to_string(at);
    }
  }
  const std::string body = squeezed(token.substr(token.find("oat01-") == token.npos ? 0 : token.find("oat01-") + 6));
  for (std::size_t at = 0; at + piece <= body.size(); ++at) {
    if (seen.find(body.substr(at, piece)) != seen.npos) return "plain, from " + std::to_string(at);
  }
  return {};
}

}  // namespace jackin::test
