// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/known_sentence.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/mint/wrapped_text.hpp"

namespace jackin::mint {
namespace {

// Stands for a number of at most five digits.
constexpr char number = '%';
constexpr std::size_t longest_number = 5;

// The exact sentences of claude 2.1.197 and 2.1.332: recorded where they could be triggered, else from the program's
// text.
std::vector<std::string> make_table() {
  const std::string error = "OAuth error: ";
  std::vector<std::string> table{
      // 2.1.197
      error + "Invalid code. Please make sure the full code was copied",
      error + "Request failed with status code %",
      error + "timeout of %ms exceeded",
      error + "connect ECONNREFUSED %.%.%.%:%",
      error + "getaddrinfo ENOTFOUND platform.claude.com",
      error + "getaddrinfo EAI_AGAIN platform.claude.com",
      // both
      error + "No authorization code received",
      error + "Invalid state parameter",
      // 2.1.332
      "That doesn't look like the full code. Copy all of it, including the # in the middle.",
      "That looks like a verification code. Enter it in your browser, on the page that asks for it. If a page then "
      "shows "
      "a longer code, paste it here.",
      "That's a web address, not the code. If it's a sign-in link, open it in your browser. If the last page shows a "
      "code, paste it here.",
      "That address only works in a browser on this machine. Open the sign-in address shown above instead, and paste "
      "the code its last page shows.",
      error +
          "That code wasn't accepted. It may be incomplete, expired, already used, or from an earlier sign-in "
          "attempt. Sign in again to get a new code.",
      error +
          "The sign-in service couldn't finish signing you in (HTTP %). Sign in again, and contact support if it "
          "keeps failing.",
      error + "The sign-in service couldn't finish signing you in (HTTP %). Try again in a moment.",
  };
  for (const char* const why : {"", " (timed out)", " (ECONNREFUSED)", " (ECONNRESET)", " (ENOTFOUND)", " (EAI_AGAIN)",
                                " (ETIMEDOUT)", " (ENETUNREACH)", " (EHOSTUNREACH)", " (EPIPE)"}) {
    const std::string no_answer = error + "Couldn't get an answer from the sign-in service" + why + ". Check ";
    table.push_back(no_answer + "your internet connection, then try again.");
    for (const char* const variable : {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"}) {
      table.push_back(no_answer + "that the proxy set in " + variable +
                      " allows connections to platform.claude.com, then try again.");
    }
  }
  return table;
}

bool is_decimal(char32_t c) {
  return c >= U'0' && c <= U'9';
}

// A sentence of the table, and how much of it matches the screen so far.
class Reading {
 public:
  explicit Reading(std::string_view sentence) : left_(sentence) {}

  bool is_whole() const { return left_.empty(); }
  // The table's characters, with the digits from the screen.
  const std::string& said() const { return said_; }

  // Whether the sentence continues with all of `row`.
  bool take(std::u32string_view row) {
    while (!row.empty()) {
      if (left_.empty()) return false;
      if (left_.front() == number) {
        const auto digits =
            static_cast<std::size_t>(std::find_if_not(row.begin(), row.end(), is_decimal) - row.begin());
        if (digits == 0 || digits > longest_number) return false;
        for (const char32_t digit : row.substr(0, digits)) said_ += static_cast<char>(digit);
        row.remove_prefix(digits);
      } else {
        if (row.front() != static_cast<char32_t>(left_.front())) return false;
        said_ += left_.front();
        row.remove_prefix(1);
      }
      left_.remove_prefix(1);
    }
    return true;
  }

  // Whether the sentence can continue in the next row.
  bool take_row_end() { return left_.starts_with(' ') && take(U" "); }

 private:
  std::string_view left_;
  std::string said_;
};

// The row without the mark that can precede a sentence.
std::u32string_view behind_mark(std::u32string_view row) {
  while (!row.empty() && (is_edge(row.front()) || row.front() >= 0x80)) row.remove_prefix(1);
  return row;
}

using Rows = std::span<const std::u32string_view>;

std::string sentence_from(std::u32string_view row, Rows below, std::string_view sentence) {
  Reading reading(sentence);
  while (!row.empty() && reading.take(row)) {
    if (reading.is_whole()) return reading.said();
    if (below.empty() || !reading.take_row_end()) break;
    row = below.front();
    below = below.subspan(1);
  }
  return {};
}

}  // namespace

std::string known_sentence(const Screen& screen) {
  static const std::vector<std::string> table = make_table();
  std::vector<std::u32string_view> rows;
  for (int line = 0; line < screen.lines(); ++line) rows.push_back(within_edges(screen.row(line)));
  for (std::size_t line = rows.size(); line-- > 0;) {
    const std::u32string_view first = behind_mark(rows[line]);
    if (first.empty()) continue;
    for (const auto& sentence : table) {
      if (auto said = sentence_from(first, Rows(rows).subspan(line + 1), sentence); !said.empty()) return said;
    }
  }
  return {};
}

std::optional<CodeRefusal> code_refusal(const Screen& screen) {
  std::string said = known_sentence(screen);
  constexpr std::string_view error = "OAuth error: ";
  const bool is_final = said.starts_with(error);
  if (is_final) said.erase(0, error.size());
  for (const auto* const incomplete : {"Invalid code.", "That doesn't look like the full code."}) {
    if (said.starts_with(incomplete)) {
      return CodeRefusal{"Invalid code. Copy the whole code, including what follows #", is_final};
    }
  }
  for (const auto* const refused :
       {"No authorization code", "Invalid state", "Request failed with status code 4", "That code wasn't accepted",
        "That looks like", "That's a web address", "That address only works"}) {
    if (!said.starts_with(refused)) continue;
    if (said.ends_with('.')) said.pop_back();
    return CodeRefusal{std::move(said), is_final};
  }
  return std::nullopt;
}

}  // namespace jackin::mint
