// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/authorize_url.hpp"

#include <algorithm>

#include "common/claude.hpp"
#include "daemon/mint/wrapped_text.hpp"

namespace jackin::mint {
namespace {

constexpr std::string_view scheme = "https://";
constexpr std::size_t longest_url = 4096;
constexpr std::size_t challenge_length = 43;

// The challenge of a link in the shortened form of claude 2.1.332. Its query begins with base64url characters and ends
// with the challenge (recorded). Empty for any other link.
std::string_view shortened_challenge(std::string_view url) {
  constexpr std::string_view path = "/oauth/authorize?";
  const auto at = url.find(path);
  if (at == url.npos) return {};
  auto query = url.substr(at + path.size());
  query = query.substr(0, query.find('&'));
  const bool is_one_word =
      std::all_of(query.begin(), query.end(), [](char c) { return jackin::is_token_character(c); });
  constexpr std::size_t longest = challenge_length + 8;
  if (!is_one_word || query.size() <= challenge_length || query.size() > longest) return {};
  return query.substr(query.size() - challenge_length);
}

// The challenge identifies one consent.
std::string_view challenge_of(std::string_view url) {
  const auto challenge = query_parameter(url, "code_challenge");
  return challenge.empty() ? shortened_challenge(url) : challenge;
}

std::string text_of(const WrappedText& text) {
  std::string url;
  for (int i = 0; i < text.size(); ++i) url += static_cast<char>(text[i]);
  return url;
}

std::optional<std::string> find_on(const Screen& screen) {
  for (int line = screen.lines() - 1; line >= 0; --line) {
    for (int column = 0; column < screen.columns(line); ++column) {
      if (screen.character(line, column) != U'h') continue;
      constexpr auto scheme_length = static_cast<int>(scheme.size());
      if (!follow_full_rows(screen, line, column, is_url_character, scheme_length).starts_with(scheme)) continue;
      const auto text = follow_full_rows(screen, line, column, is_url_character);
      if (static_cast<std::size_t>(text.size()) > longest_url) continue;
      if (auto url = text_of(text); is_authorize_url(url)) return url;
    }
  }
  return std::nullopt;
}

}  // namespace

bool may_be_opened(std::string_view url) {
  if (!url.starts_with(scheme) || url.size() > longest_url) return false;
  const auto is_allowed = [](char c) { return is_url_character(static_cast<unsigned char>(c)); };
  if (!std::all_of(url.begin(), url.end(), is_allowed)) return false;
  const auto rest = url.substr(scheme.size());
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  // No user information: a user could take "https://claude.ai@elsewhere/" for claude.ai.
  return !authority.empty() && authority.find('@') == std::string_view::npos && authority.front() != ':';
}

std::string_view query_parameter(std::string_view url, std::string_view name) {
  const auto question = url.find('?');
  if (question == std::string_view::npos) return {};
  auto query = url.substr(question + 1);
  query = query.substr(0, query.find('#'));
  while (!query.empty()) {
    const auto parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    if (parameter.starts_with(name) && parameter.substr(name.size()).starts_with('=')) {
      return parameter.substr(name.size() + 1);
    }
  }
  return {};
}

bool is_authorize_url(std::string_view url) {
  if (!may_be_opened(url)) return false;
  if (!shortened_challenge(url).empty()) return true;
  return query_parameter(url, "response_type") == "code" &&
         query_parameter(url, "code_challenge").size() >= challenge_length && !query_parameter(url, "state").empty();
}

std::optional<std::string> AuthorizeUrlReader::read(const Screen& screen) {
  auto url = find_on(screen);
  if (!url) return std::nullopt;
  const auto challenge = challenge_of(*url);
  for (auto& known : known_) {
    // A second URL with the same challenge is the first one partly overdrawn, or cut by a resize.
    if (challenge_of(known) != challenge) continue;
    if (known == *url || !url->starts_with(known)) return std::nullopt;
    known = *url;
    return url;
  }
  known_.push_back(*url);
  return url;
}

}  // namespace jackin::mint
