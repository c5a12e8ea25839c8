// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/remedies.hpp"

#include <algorithm>
#include <array>
#include <variant>

#include "common/remedy.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/health/decide.hpp"
#include "daemon/secrets/credential_source.hpp"

namespace jackin::health {
namespace {

enum class What { doctor, rotate, restart, version };

struct Mending {
  std::string_view code;
  What what;
  std::string_view comment;
};

constexpr std::array mendings{
    Mending{"upstream_network", What::doctor, "once the network is there"},
    Mending{"upstream_timed_out", What::doctor, "again later"},
    Mending{"upstream_rate_limited", What::doctor, "again later"},
    Mending{"upstream_server_error", What::doctor, "again later"},
    Mending{"upstream_refused", What::doctor, "again later"},
    Mending{"upstream_unexpected_answer", What::doctor, "again later, or from another network"},
    Mending{"upstream_captive_portal", What::doctor, "once the network's own login was answered in a browser"},
    Mending{"upstream_region", What::doctor, "from a network in a country that the API serves"},
    Mending{"upstream_proxy", What::restart, "with the right HTTPS_PROXY or NO_PROXY in the environment"},
    Mending{"upstream_certificate", What::restart, "with SSL_CERT_FILE naming the certificate of your authority"},
    Mending{"upstream_base_url", What::restart,
            "once [upstream] base_url in jackind.toml is https, or on this machine"},
    Mending{"upstream_listener", What::doctor, "once a program of yours listens at [upstream] base_url"},
    Mending{"upstream_internal", What::restart, ""},
    Mending{"upstream_not_supported", What::version, "a newer jackind may ask in another way; the token may be sound"},
    Mending{"upstream_organisation", What::rotate, "and consent in an organisation that may use Claude Code"},
    Mending{"upstream_scope", What::rotate, ""},
    Mending{"upstream_not_sent", What::rotate, ""},
    Mending{"organisation_changed", What::rotate, "and consent in the browser profile of the right organisation"},
    Mending{"token_shape", What::rotate, "if the API does not accept it"},
    Mending{"changed", What::rotate, "of a token of its own jackind knows the expiry"},
    Mending{"expiry_unknown", What::rotate, "of a token of its own jackind knows the expiry"},
};

std::string doctor(const config::EffectiveAuth& auth) {
  return "jackinctl doctor " + auth.scope.arguments();
}

bool can_be_rotated(const config::EffectiveAuth& auth) {
  return auth.source && !std::holds_alternative<secrets::EnvSource>(*auth.source) &&
         !std::holds_alternative<secrets::CommandSource>(*auth.source);
}

std::string rotate(const config::EffectiveAuth& auth) {
  return "jackinctl rotate " + owner_of(auth).arguments();
}

std::string command(What what, const config::EffectiveAuth& auth) {
  switch (what) {
    case What::doctor:
      break;
    case What::rotate:
      if (can_be_rotated(auth)) return rotate(auth);
      return "jackinctl revoke " + owner_of(auth).arguments() + " && jackinctl setup " + owner_of(auth).arguments();
    case What::restart:
      return "jackinctl daemon restart";
    case What::version:
      return "jackinctl --version";
  }
  return doctor(auth);
}

}  // namespace

std::string mends_source(const config::EffectiveAuth& auth) {
  if (!auth.source) return "jackinctl setup " + auth.scope.arguments();
  if (const auto* env = std::get_if<secrets::EnvSource>(&*auth.source)) {
    return "jackinctl daemon restart  # once " + printable(env->name) + " holds the token alone, where this is typed";
  }
  if (const auto* program = std::get_if<secrets::CommandSource>(&*auth.source)) {
    const std::string name = program->argv.empty() ? std::string("the command") : printable(program->argv.front());
    return doctor(auth) + "  # once " + name + " prints the token alone";
  }
  return rotate(auth);
}

std::string mends_content(const config::EffectiveAuth& auth) {
  if (auth.source && std::holds_alternative<secrets::LiteralSource>(*auth.source)) {
    return config::open_at(auth.source_name, auth.source_place);
  }
  if (const auto* file = auth.source ? std::get_if<secrets::FileSource>(&*auth.source) : nullptr) {
    // The `~/` of a path below home stays outside the quotes: a shell expands it only there.
    const bool is_below_home = file->path.starts_with("~/");
    const std::string path = shell_quoted(printable(is_below_home ? file->path.substr(2) : file->path));
    return "${EDITOR:-vi} " + std::string(is_below_home ? "~/" : "") + path +
           "  # the token alone; a new one: " + rotate(auth);
  }
  return mends_source(auth);
}

std::string not_a_token(const secrets::CredentialSource& source, std::string_view problem) {
  const auto* const file = std::get_if<secrets::FileSource>(&source);
  return (file == nullptr ? secrets::describe(source) : printable(file->path)) + " does not hold a Claude token (" +
         std::string(problem) + ")";
}

std::string mends_not_a_token(const config::EffectiveAuth& auth) {
  const bool is_file = auth.source && std::holds_alternative<secrets::FileSource>(*auth.source);
  return is_file ? rotate(auth) : mends_content(auth);
}

std::string gone_from_source(const config::EffectiveAuth& auth, const std::string& detail) {
  const auto* const file = auth.source ? std::get_if<secrets::FileSource>(&*auth.source) : nullptr;
  if (file == nullptr) return "the token is gone from its source" + (detail.empty() ? detail : ": " + detail);
  const Scope owner = owner_of(auth);
  const std::string whose =
      owner.is_global() ? "the global token file" : "the token file of '" + printable(owner.str()) + "'";
  return whose + " is missing: " + printable(file->path);
}

std::string mends_failure(const Error& error, const config::EffectiveAuth& auth) {
  const bool is_certain = error.reason == Reason::source_gone || error.reason == Reason::source_invalid;
  const bool is_in_a_store = auth.source && (std::holds_alternative<secrets::OpSource>(*auth.source) ||
                                             std::holds_alternative<secrets::OsStoreSource>(*auth.source));
  const bool is_command = !error.remedy.empty() && !error.remedy.starts_with('#');
  if (is_certain && is_in_a_store && !is_command) {
    // A retry would fail again; only another reference or another token fixes it.
    return rotate(auth) + (error.remedy.size() < 3 ? std::string() : "  # or " + error.remedy.substr(2));
  }
  return is_command ? for_scope(error.remedy, owner_of(auth))
                    : with_command(error.remedy.empty() ? "#" : error.remedy, doctor(auth));
}

std::string mends(std::string_view code, const config::EffectiveAuth& auth) {
  if (code == "token_malformed") return mends_not_a_token(auth);
  if (code == "literal") return rotate(auth) + " --store file  # or another store";
  const auto* const found =
      std::find_if(mendings.begin(), mendings.end(), [&](const Mending& mending) { return mending.code == code; });
  if (found == mendings.end()) return code.starts_with("upstream_") ? doctor(auth) + "  # again later" : std::string();
  std::string text = command(found->what, auth);
  if (!found->comment.empty()) text += "  # " + std::string(found->comment);
  return text;
}

}  // namespace jackin::health
