// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/remedies.hpp"

#include <algorithm>
#include <array>
#include <variant>

#include "common/remedy_command.hpp"
#include "common/source_kind.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/health/decide.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::health {
namespace {

enum class RemedyKind { check, rotate, restart, version };

struct FindingRemedy {
  std::string_view code;
  RemedyKind kind;
  std::string_view note;
};

constexpr std::array finding_remedies{
    FindingRemedy{"upstream_network", RemedyKind::check, "when the network is available"},
    FindingRemedy{"upstream_timed_out", RemedyKind::check, "repeat the check later"},
    FindingRemedy{"upstream_rate_limited", RemedyKind::check, "repeat the check later"},
    FindingRemedy{"upstream_server_error", RemedyKind::check, "repeat the check later"},
    FindingRemedy{"upstream_refused", RemedyKind::check, "repeat the check later"},
    FindingRemedy{"upstream_unexpected_answer", RemedyKind::check, "repeat the check later, or from another network"},
    FindingRemedy{"upstream_captive_portal", RemedyKind::check, "after you log in to the network in a browser"},
    FindingRemedy{"upstream_region", RemedyKind::check,
                  "repeat the check from a network in a country that the API serves"},
    FindingRemedy{"upstream_proxy", RemedyKind::restart, "with the right HTTPS_PROXY or NO_PROXY in the environment"},
    FindingRemedy{"upstream_certificate", RemedyKind::restart,
                  "with SSL_CERT_FILE naming the certificate of your authority"},
    FindingRemedy{"upstream_base_url", RemedyKind::restart,
                  "once [upstream] base_url in jackind.toml is https, or on this machine"},
    FindingRemedy{"upstream_listener", RemedyKind::check, "once a program of yours listens at [upstream] base_url"},
    FindingRemedy{"upstream_internal", RemedyKind::restart, ""},
    FindingRemedy{"upstream_not_supported", RemedyKind::version,
                  "a newer jackind may send another request; the token may be valid"},
    FindingRemedy{"upstream_organisation", RemedyKind::rotate,
                  "and consent in an organisation that may use Claude Code"},
    FindingRemedy{"upstream_scope", RemedyKind::rotate, ""},
    FindingRemedy{"upstream_not_sent", RemedyKind::rotate, ""},
    FindingRemedy{"organisation_changed", RemedyKind::rotate,
                  "and consent in the browser profile of the right organisation"},
    FindingRemedy{"token_shape", RemedyKind::rotate, "if the API does not accept it"},
    FindingRemedy{"changed", RemedyKind::rotate, "jackind knows the expiry of a token that it created"},
    FindingRemedy{"expiry_unknown", RemedyKind::rotate, "jackind knows the expiry of a token that it created"},
};

Remedy rotate(const config::EffectiveAuth& auth) {
  return Remedy::rotate(owner_of(auth));
}

Remedy remedy_by_kind(RemedyKind kind, const config::EffectiveAuth& auth) {
  switch (kind) {
    case RemedyKind::check:
      break;
    case RemedyKind::rotate:
      if (auth.source && can_be_rotated(secrets::kind_of(*auth.source))) return rotate(auth);
      return Remedy::of(RemedyAction::replace_token, owner_of(auth));
    case RemedyKind::restart:
      return Remedy::restart_daemon();
    case RemedyKind::version:
      return Remedy::of(RemedyAction::show_version);
  }
  return Remedy::check(auth.scope);
}

}  // namespace

Remedy remedy_for_source(const config::EffectiveAuth& auth) {
  if (!auth.source) return Remedy::setup(auth.scope);
  if (const auto* env = std::get_if<secrets::EnvSource>(&*auth.source)) {
    return Remedy::restart_daemon().noting("once " + printable(env->name) +
                                           " contains only the token in the environment of this command");
  }
  if (const auto* env = std::get_if<secrets::ClientEnvSource>(&*auth.source)) {
    return Remedy::set_variable(env->name, {}).noting("the variable must contain only the token");
  }
  if (const auto* program = std::get_if<secrets::CommandSource>(&*auth.source)) {
    const std::string name = program->argv.empty() ? std::string("the command") : printable(program->argv.front());
    return Remedy::check(auth.scope).noting("once " + name + " prints only the token");
  }
  return rotate(auth);
}

Remedy remedy_for_content(const config::EffectiveAuth& auth) {
  if (auth.source && std::holds_alternative<secrets::LiteralSource>(*auth.source)) {
    return config::open_at(auth.source_name, auth.source_place);
  }
  if (const auto* file = auth.source ? std::get_if<secrets::FileSource>(&*auth.source) : nullptr) {
    return Remedy::edit_file(file->path)
        .noting("keep only the token in it; to create a new one: " + command_line(rotate(auth)));
  }
  return remedy_for_source(auth);
}

std::string not_a_token(const secrets::CredentialSource& source, std::string_view problem) {
  const auto* const file = std::get_if<secrets::FileSource>(&source);
  return (file == nullptr ? secrets::describe(source) : printable(file->path)) + " does not hold a Claude token (" +
         std::string(problem) + ")";
}

Remedy remedy_for_non_token(const config::EffectiveAuth& auth) {
  const bool is_file = auth.source && std::holds_alternative<secrets::FileSource>(*auth.source);
  return is_file ? rotate(auth) : remedy_for_content(auth);
}

std::string gone_from_source(const config::EffectiveAuth& auth, const std::string& detail) {
  const auto* const file = auth.source ? std::get_if<secrets::FileSource>(&*auth.source) : nullptr;
  if (file == nullptr) return "the token is gone from its source" + (detail.empty() ? detail : ": " + detail);
  const Scope owner = owner_of(auth);
  const std::string whose =
      owner.is_global() ? "the global token file" : "the token file of '" + printable(owner.str()) + "'";
  return whose + " is missing: " + printable(file->path);
}

Remedy remedy_for_failure(const Error& error, const config::EffectiveAuth& auth) {
  const bool is_certain = error.reason == Reason::source_gone || error.reason == Reason::source_invalid;
  const bool is_in_a_store = auth.source && (std::holds_alternative<secrets::OpSource>(*auth.source) ||
                                             std::holds_alternative<secrets::OsStoreSource>(*auth.source));
  const bool is_open = error.remedy.empty() || repeats_request(error.remedy);
  if (is_certain && is_in_a_store && is_open) {
    // A retry would fail again; only another reference or another token fixes it.
    return rotate(auth).noting(error.remedy.note.empty() ? std::string() : "or " + error.remedy.note);
  }
  if (is_open) return Remedy::check(auth.scope).noting(error.remedy.note);
  return for_scope(error.remedy, owner_of(auth));
}

Remedy remedy_for_finding(std::string_view code, const config::EffectiveAuth& auth) {
  if (code == "token_malformed") return remedy_for_non_token(auth);
  if (code == "literal") return Remedy::rotate_into(owner_of(auth), SourceKind::file).noting("or name another store");
  const auto* const found = std::find_if(finding_remedies.begin(), finding_remedies.end(),
                                         [&](const FindingRemedy& each) { return each.code == code; });
  if (found != finding_remedies.end()) return remedy_by_kind(found->kind, auth).noting(std::string(found->note));
  return code.starts_with("upstream_") ? Remedy::check(auth.scope).noting("repeat the check later") : Remedy();
}

}  // namespace jackin::health
