#include <cstdint>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::secrets {
namespace {

constexpr std::size_t size_limit = 64 * 1024;

// Whether the bytes are UTF-8 without control characters: something that can travel in a header and a variable.
bool is_text(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    const auto first = static_cast<std::uint8_t>(bytes[i]);
    if (first < 0x20 || first == 0x7f) return false;
    std::size_t length = 1;
    if (first >= 0x80) {
      if (first >= 0xc2 && first < 0xe0) {
        length = 2;
      } else if (first >= 0xe0 && first < 0xf0) {
        length = 3;
      } else if (first >= 0xf0 && first < 0xf5) {
        length = 4;
      } else {
        return false;
      }
      if (i + length > bytes.size()) return false;
      for (std::size_t k = 1; k < length; ++k) {
        if ((static_cast<std::uint8_t>(bytes[i + k]) & 0xc0) != 0x80) return false;
      }
    }
    i += length;
  }
  return true;
}

}  // namespace

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

Task<Secret> Sources::resolve(const CredentialSource& source, const ResolveContext& context) {
  auto* const resolver = resolver_for(source);
  if (resolver == nullptr) {
    co_return failure(Reason::unsupported, "this jackind cannot read from " + describe(source),
                      "jackinctl doctor  # lists the stores that it knows");
  }
  co_return co_await resolver->resolve(source, context);
}

Result<Secret> checked_secret(Secret read, const std::string& where, const std::string& remedy) {
  std::string_view text = read.view();
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  read.truncate(text.size());
  if (read.empty()) return failure(Reason::source_invalid, where + " gave nothing", remedy);
  if (read.size() > size_limit) return failure(Reason::source_invalid, where + " gave more than 64 KiB", remedy);
  if (!is_text(read.view())) {
    return failure(Reason::source_invalid,
                   where + " gave something that is no secret: more than one line, control characters, or no UTF-8",
                   remedy);
  }
  return read;
}

}  // namespace jackin::secrets
