// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
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

/// A variable of the client's environment that may hold a token, for a ClientEnvSource.
struct ClientVariable {
  std::string name;
  std::shared_ptr<const Secret> value;  ///< Null when it is not set.
};

/// The caller that a source is read for.
struct ResolveContext {
  Environment client;                        ///< The asking client's environment; the daemon's own without a client.
  bool attended = false;                     ///< A user waits and can answer a store's prompt.
  bool fresh = false;                        ///< Bypasses every cache: for read-backs.
  std::optional<ClientVariable> variable{};  ///< The one that the client was asked for.
};

/// A digest of everything except the source itself that decides the source's answer. Two reads with equal inputs give
/// the same answer until the store changes.
using Inputs = Digest;

/// The digest of a program's path, which may be empty, and of an environment.
Inputs inputs_of(const std::filesystem::path& program, const Environment& environment);

/// The expiry day that a store records for a token.
struct RecordedExpiry {
  Date day;
  bool estimated = false;  ///< It was calculated from the day of creation.
};

/// The secret of a source, and the expiry day that its store records, if any.
struct SeenToken {
  Secret token;
  std::optional<Date> expires_on;
};

/// Checks the metadata of a source (`SourceResolver::quick_check`).
using QuickCheck = std::function<Result<>()>;

/// Reads one kind of source. Passed in; daemon's thread only.
class SourceResolver {
 public:
  virtual ~SourceResolver() = default;

  virtual bool serves(const CredentialSource& source) const = 0;

  /// Whether resolving can make a store prompt the user; then it is not done unattended.
  virtual bool may_prompt(const CredentialSource& source) const = 0;

  /// The parts of the context and of this machine that decide the answer: which program, which account, which bus. For
  /// callers that cache answers. Nothing by default. Errors: those of `resolve`.
  virtual Task<Inputs> inputs(const CredentialSource& source, const ResolveContext& context);

  /// Fails when the text of `source`, or what the daemon knows already, makes `resolve` certain to fail; with the same
  /// error. No I/O. source_invalid or token_malformed without a remedy: the text is wrong. source_gone.
  virtual Result<> check(const CredentialSource& source) const;

  /// A function that fails when the source's metadata makes `resolve` certain to fail: for a file its mode, owner and
  /// size. Empty when no such check applies. The function blocks as long as the file system does, runs on any thread,
  /// and owns all that it uses: it may outlive the resolver. Its errors: those of `resolve`.
  virtual QuickCheck quick_check(const CredentialSource& source) const;

  /// The secret: not empty, at most 64 KiB, printable ASCII or UTF-8 without control characters. One trailing line end
  /// is not part of it. Errors: source_gone (certain), source_unreachable (the store did not answer), source_denied
  /// (must not be used), source_invalid (no secret), timed_out, cancelled; each with a remedy.
  virtual Task<Secret> resolve(const CredentialSource& source, const ResolveContext& context) = 0;

  /// The expiry that the store itself records for the token with that fingerprint; nothing when it records none.
  /// Errors: those of `resolve`.
  virtual Task<std::optional<RecordedExpiry>> expiry(const CredentialSource& source, Fingerprint token,
                                                     const ResolveContext& context);

  /// Both in one read, where the store supports it. An unknown expiry day is no error. Errors: those of `resolve`.
  virtual Task<SeenToken> resolve_with_expiry(const CredentialSource& source, const ResolveContext& context);
};

/// All kinds of sources. Owns the resolvers that its constructor gets.
class Sources {
 public:
  explicit Sources(std::vector<std::unique_ptr<SourceResolver>> resolvers);
  ~Sources();

  bool may_prompt(const CredentialSource& source) const;

  /// As SourceResolver::inputs. unsupported for a kind without a resolver.
  Task<Inputs> inputs(const CredentialSource& source, const ResolveContext& context);
  /// As SourceResolver::check and quick_check; a kind without a resolver succeeds, and has no quick check.
  Result<> check(const CredentialSource& source) const;
  QuickCheck quick_check(const CredentialSource& source) const;

  /// As SourceResolver::resolve. unsupported for a kind without a resolver.
  Task<Secret> resolve(const CredentialSource& source, const ResolveContext& context);
  /// As SourceResolver::expiry.
  Task<std::optional<RecordedExpiry>> expiry(const CredentialSource& source, Fingerprint token,
                                             const ResolveContext& context);
  /// As SourceResolver::resolve_with_expiry. unsupported for a kind without a resolver.
  Task<SeenToken> resolve_with_expiry(const CredentialSource& source, const ResolveContext& context);

 private:
  SourceResolver* resolver_for(const CredentialSource& source) const;
  std::vector<std::unique_ptr<SourceResolver>> resolvers_;
};

/// The common last step of every resolver: removes one trailing line end, then checks. source_invalid with `remedy`.
Result<Secret> checked_secret(Secret read, const std::string& where, const Remedy& remedy);

}  // namespace jackin::secrets
