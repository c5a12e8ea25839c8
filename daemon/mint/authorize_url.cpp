#include "daemon/mint/authorize_url.hpp"

#include <algorithm>

#include "daemon/mint/pieces.hpp"

namespace jackin::mint {
namespace {

constexpr std::string_view scheme = "https://";
constexpr std::size_t longest_url = 4096;
constexpr std::size_t challenge_length = 43;

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
  // No user information: "https://claude.ai@elsewhere/" reads as what it is not.
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
  return may_be_opened(url) && query_parameter(url, "response_type") == "code" &&
         query_parameter(url, "code_challenge").size() >= challenge_length && !query_parameter(url, "state").empty();
}

std::optional<std::string> AuthorizeUrlReader::read(const Screen& screen) {
  auto url = find_on(screen);
  if (!url) return std::nullopt;
  const auto challenge = query_parameter(*url, "code_challenge");
  for (auto& known : known_) {
    // The same consent in other words is the URL half overdrawn, or cut by a resize.
    if (query_parameter(known, "code_challenge") != challenge) continue;
    if (known == *url || !url->starts_with(known)) return std::nullopt;
    known = *url;
    return url;
  }
  known_.push_back(*url);
  return url;
}

}  // namespace jackin::mint
