// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <utility>

#include "common/claude.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::secrets {
namespace {

// The length of the UTF-8 sequence at the front, 0 when there is none. Only well-formed sequences of the Unicode
// standard, table 3-7: no overlong ones, surrogates or numbers beyond the last code point.
std::size_t character_length(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const auto continues = [&](std::size_t i, std::uint8_t least = 0x80, std::uint8_t most = 0xbf) {
    return i < bytes.size() && byte(i) >= least && byte(i) <= most;
  };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const std::uint8_t least = first == 0xe0 ? 0xa0 : 0x80;
    const std::uint8_t most = first == 0xed ? 0x9f : 0xbf;
    return continues(1, least, most) && continues(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const std::uint8_t least = first == 0xf0 ? 0x90 : 0x80;
    const std::uint8_t most = first == 0xf4 ? 0x8f : 0xbf;
    return continues(1, least, most) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

// Whether the bytes are UTF-8 without control characters: a header and a variable can carry them.
bool is_text(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes);
    const auto first = static_cast<std::uint8_t>(bytes[0]);
    if (length == 0 || first < 0x20 || first == 0x7f) return false;
    // U+0080 to U+009F, the second set of controls.
    if (first == 0xc2 && static_cast<std::uint8_t>(bytes[1]) < 0xa0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

struct Lines {
  std::vector<std::string_view> filled;
  std::size_t all = 0;
};

// The lines of a text, without their ends; `filled` are those that are not empty.
Lines lines_of(std::string_view text) {
  Lines lines;
  while (true) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++lines.all;
    if (!line.empty()) lines.filled.push_back(line);
    if (end == text.npos) return lines;
    text.remove_prefix(end + 1);
  }
}

// A token that an editor or a terminal wrapped: lines that form a complete token. Reports only their lengths.
std::string lengths_of_wrapped(const Lines& lines) {
  constexpr std::size_t most_lines = 8;
  if (lines.filled.size() < 2 || lines.filled.size() > most_lines) return {};
  Secret whole;
  std::string lengths;
  for (const std::string_view line : lines.filled) {
    whole.append(line);
    lengths += (lengths.empty() ? "" : " + ") + std::to_string(line.size());
  }
  return shape_of(whole.view()) == TokenShape::whole ? lengths : std::string();
}

// Why a text is no secret; empty when it is one.
std::string problem_of(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.starts_with(byte_order_mark)) return "begins with a byte order mark";
  if (text.find('\n') != text.npos) {
    const Lines lines = lines_of(text);
    if (const auto lengths = lengths_of_wrapped(lines); !lengths.empty()) {
      return "is broken over " + std::to_string(lines.filled.size()) + " lines, " + lengths + " characters";
    }
    if (lines.filled.size() == 1) return "has empty lines before or after the token";
    return "has " + std::to_string(lines.all) + " lines; a token is one line";
  }
  if (!is_text(text)) return "has control characters, or is not UTF-8";
  return {};
}

tl::unexpected<Error> unserved(const CredentialSource& source) {
  return failure(Reason::unsupported, "this jackind cannot read from " + describe(source),
                 Remedy::check().noting("this lists the stores that jackind knows"));
}

}  // namespace

Inputs inputs_of(const std::filesystem::path& program, const Environment& environment) {
  // The text may contain a service account's token. It includes lengths, so that no two sets give the same text.
  Secret text;
  const auto add = [&](std::string_view part) {
    text.append(std::to_string(part.size()));
    text.push_back(':');
    text.append(part);
  };
  add(program.native());
  for (const auto& [name, value] : environment.variables()) {
    add(name);
    add(value);
  }
  return text.digest();
}

Task<Inputs> SourceResolver::inputs(const CredentialSource&, const ResolveContext&) {
  co_return inputs_of({}, Environment());
}

Result<> SourceResolver::check(const CredentialSource&) const {
  return {};
}

QuickCheck SourceResolver::quick_check(const CredentialSource&) const {
  return nullptr;
}

Task<std::optional<RecordedExpiry>> SourceResolver::expiry(const CredentialSource&, Fingerprint,
                                                           const ResolveContext&) {
  co_return std::optional<RecordedExpiry>();
}

Task<SeenToken> SourceResolver::resolve_with_expiry(const CredentialSource& source, const ResolveContext& context) {
  SeenToken seen;
  CO_TRY(seen.token, co_await resolve(source, context));
  const auto recorded = co_await expiry(source, seen.token.digest().fingerprint(), context);
  if (recorded && *recorded) seen.expires_on = (*recorded)->day;
  co_return seen;
}

Sources::Sources(std::vector<std::unique_ptr<SourceResolver>> resolvers) : resolvers_(std::move(resolvers)) {}
Sources::~Sources() = default;

SourceResolver* Sources::resolver_for(const CredentialSource& source) const {
  for (const auto& resolver : resolvers_) {
    if (resolver->serves(source)) return resolver.get();
  }
  return nullptr;
}

bool Sources::may_prompt(const CredentialSource& source) const {
  const auto* const resolver = resolver_for(source);
  return resolver != nullptr && resolver->may_prompt(source);
}

Task<Inputs> Sources::inputs(const CredentialSource& source, const ResolveContext& context) {
  auto* const resolver = resolver_for(source);
  if (resolver == nullptr) co_return unserved(source);
  co_return co_await resolver->inputs(source, context);
}

Result<> Sources::check(const CredentialSource& source) const {
  const auto* const resolver = resolver_for(source);
  return resolver == nullptr ? Result<>() : resolver->check(source);
}

QuickCheck Sources::quick_check(const CredentialSource& source) const {
  const auto* const resolver = resolver_for(source);
  return resolver == nullptr ? nullptr : resolver->quick_check(source);
}

Task<Secret> Sources::resolve(const CredentialSource& source, const ResolveContext& context) {
  auto* const resolver = resolver_for(source);
  if (resolver == nullptr) co_return unserved(source);
  co_return co_await resolver->resolve(source, context);
}

Task<SeenToken> Sources::resolve_with_expiry(const CredentialSource& source, const ResolveContext& context) {
  auto* const resolver = resolver_for(source);
  if (resolver == nullptr) co_return unserved(source);
  co_return co_await resolver->resolve_with_expiry(source, context);
}

Task<std::optional<RecordedExpiry>> Sources::expiry(const CredentialSource& source, Fingerprint token,
                                                    const ResolveContext& context) {
  auto* const resolver = resolver_for(source);
  if (resolver == nullptr) co_return std::optional<RecordedExpiry>();
  co_return co_await resolver->expiry(source, token, context);
}

Result<Secret> checked_secret(Secret read, const std::string& where, const Remedy& remedy) {
  std::string_view text = read.view();
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  read.truncate(text.size());
  if (read.empty()) return failure(Reason::source_invalid, where + " is empty", remedy);
  if (read.size() > longest_source) return failure(Reason::source_invalid, where + " is larger than 64 KiB", remedy);
  if (const auto problem = problem_of(read.view()); !problem.empty()) {
    return failure(Reason::source_invalid, where + " " + problem, remedy);
  }
  return read;
}

}  // namespace jackin::secrets
