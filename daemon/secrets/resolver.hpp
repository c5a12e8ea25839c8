// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/dates.hpp"
#include "common/environment.hpp"
#include "common/fingerprint.hpp"
#include "common/secret.hpp"
#include "daemon/async/task.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::secrets {

/// The most bytes that a secret may have.
inline constexpr std::size_t longest_source = std::size_t{64} * 1024;

/// For whom a source is asked.
struct ResolveContext {
  Environment client;     ///< The asking client's environment; the daemon's own when nobody asks.
  bool attended = false;  ///< A user waits and can answer a store's question.
  bool fresh = false;     ///< Past every cache: for read-backs.
};

/// A digest of everything except the source itself that decides the source's answer. Two reads with equal inputs give
/// the same answer until the store changes.
using Inputs = Digest;

/// The digest of a program's path, which may be empty, and of an environment.
Inputs inputs_of(const std::filesystem::path& program, const Environment& environment);

/// What a source gave, and the day on which its store says that it expires, where the store says one.
struct SeenToken {
  Secret token;
  std::optional<Date> expires_on;
};

/// Reads one kind of source. Handed in; daemon's thread only.
class SourceResolver {
 public:
  virtual ~SourceResolver() = default;

  virtual bool serves(const CredentialSource& source) const = 0;

  /// Whether resolving can make a store ask the user something; then it is not done unattended.
  virtual bool may_prompt(const CredentialSource& source) const = 0;

  /// What of the context, and of this machine, decides the answer: which program is asked, in which account, on which
  /// bus. For who keeps answers. Nothing by default. Errors: those of `resolve`.
  virtual Task<Inputs> inputs(const CredentialSource& source, const ResolveContext& context);

  /// What is certain to fail by the text of `source`, or by what the daemon knows already: what `resolve` would fail
  /// with. No I/O. source_invalid or token_malformed without a remedy: the text is wrong. source_gone.
  virtual Result<> check(const CredentialSource& source) const;

  /// Whether `glance` says anything of such a source.
  virtual bool has_quick_check(const CredentialSource& source) const;

  /// What is certain to fail by how the source looks without being read: of a file its mode, owner and size. Blocks as
  /// long as the file system does; any thread, beside all other calls. Errors: those of `resolve`.
  virtual Result<> quick_check(const CredentialSource& source) const;

  /// The secret: not empty, at most 64 KiB, printable ASCII or UTF-8 without control characters; one line end at its
  /// end is not part of it. Errors: source_gone (certain), source_unreachable (could not be asked), source_denied (must
  /// not be used), source_invalid (no secret), timed_out, cancelled; each with a remedy.
  virtual Task<Secret> resolve(const CredentialSource& source, const ResolveContext& context) = 0;

  /// The day on which the store itself says that the token expires; nothing when it says nothing. Errors: those of
  /// `resolve`.
  virtual Task<std::optional<Date>> expiry(const CredentialSource& source, const ResolveContext& context);

  /// Both at once, where the store gives both at once. That the day cannot be learned is no error. Errors: those of
  /// `resolve`.
  virtual Task<SeenToken> look(const CredentialSource& source, const ResolveContext& context);
};

/// All kinds. Owns the resolvers that the composition root hands it.
class Sources {
 public:
  explicit Sources(std::vector<std::unique_ptr<SourceResolver>> resolvers);
  ~Sources();

  bool may_prompt(const CredentialSource& source) const;

  /// As SourceResolver::inputs. A kind that nobody serves: unsupported.
  Task<Inputs> inputs(const CredentialSource& source, const ResolveContext& context);
  /// As SourceResolver::check, has_quick_check and glance; a kind that nobody serves passes.
  Result<> check(const CredentialSource& source) const;
  bool has_quick_check(const CredentialSource& source) const;
  Result<> quick_check(const CredentialSource& source) const;

  /// As SourceResolver::resolve. A kind that nobody serves: unsupported.
  Task<Secret> resolve(const CredentialSource& source, const ResolveContext& context);
  /// As SourceResolver::expiry.
  Task<std::optional<Date>> expiry(const CredentialSource& source, const ResolveContext& context);
  /// As SourceResolver::look. A kind that nobody serves: unsupported.
  Task<SeenToken> look(const CredentialSource& source, const ResolveContext& context);

 private:
  SourceResolver* resolver_for(const CredentialSource& source) const;
  std::vector<std::unique_ptr<SourceResolver>> resolvers_;
};

/// What every resolver does to what it read: takes one line end off the end, then checks. source_invalid with `remedy`.
Result<Secret> checked_secret(Secret read, const std::string& where, const std::string& remedy);

}  // namespace jackin::secrets
