// SPDX-License-Identifier: Apache-2.0
#include <curl/curl.h>

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/os/listener_owner.hpp"
#include "common/untrusted_text.hpp"
#include "common/version.hpp"
#include "daemon/config/api_url.hpp"
#include "daemon/health/upstream.hpp"
#include "daemon/health/upstream_reply.hpp"

namespace jackin::health {
namespace {

using Kind = ApiAnswer;

constexpr long time_limit_seconds = 20;
constexpr long connect_limit_seconds = 10;
constexpr std::size_t body_limit = std::size_t{64} * 1024;

struct CurlEasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CurlListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlEasy = std::unique_ptr<CURL, CurlEasyDeleter>;
using CurlList = std::unique_ptr<curl_slist, CurlListDeleter>;

void prepare_curl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(once);
}

UpstreamAnswer unknown(std::string code, std::string message) {
  return {Kind::unknown, std::move(message), std::move(code), {}};
}

enum class Transport { refused, tls, loopback };

// How the token would travel to `base_url`. Unencrypted only to this machine.
Transport transport_to(const std::string& base_url) {
  if (config::is_loopback_url(base_url) && base_url.starts_with("http://")) return Transport::loopback;
  return config::is_acceptable_api_url(base_url) ? Transport::tls : Transport::refused;
}

bool is_loopback_address(std::string_view host) {
  return host == "::1" || host.starts_with("127.");
}

// A curl callback (CURLOPT_PREREQFUNCTION(3)). The connection exists, but nothing is sent yet. The listening process
// must be this user's or root's, where the system shows it.
int check_listener(void* user, char* peer, char* /*own*/, int peer_port, int /*own_port*/) {
  auto& trouble = *static_cast<std::optional<UpstreamAnswer>*>(user);
  const os::ListenAddress address{peer, static_cast<std::uint16_t>(peer_port)};
  const std::string where = "port " + std::to_string(peer_port) + " of " + printable(peer, 60);
  if (!is_loopback_address(address.host)) {
    trouble = unknown("base_url", where + " is not on this machine; nothing was sent");
    return CURL_PREREQFUNC_ABORT;
  }
  const auto users = os::users_who_listen_at(address);
  if (!users) return CURL_PREREQFUNC_OK;
  const auto other = std::find_if(users->begin(), users->end(), [](uid_t uid) { return uid != 0 && uid != geteuid(); });
  if (!users->empty() && other == users->end()) return CURL_PREREQFUNC_OK;
  const std::string who =
      users->empty() ? "cannot be identified" : "runs as another user (uid " + std::to_string(*other) + ")";
  trouble = unknown("listener", "the process that listens on " + where + " " + who + "; nothing was sent");
  return CURL_PREREQFUNC_ABORT;
}

// A curl callback. Appends to a Secret and ends the transfer beyond the limit.
std::size_t keep_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& body = *static_cast<Secret*>(user);
  if (body.size() + size * count > body_limit) return 0;
  body.append({data, size * count});
  return size * count;
}

std::size_t keep_organization(char* data, std::size_t size, std::size_t count, void* user) {
  constexpr std::string_view name = "anthropic-organization-id:";
  std::string_view line(data, size * count);
  const auto same_letter = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  if (line.size() > name.size() && std::equal(name.begin(), name.end(), line.begin(),
                                              [&](char wanted, char seen) { return same_letter(seen, wanted); })) {
    line.remove_prefix(name.size());
    const auto first = line.find_first_not_of(" \t");
    const auto last = line.find_last_not_of(" \t\r\n");
    if (first != line.npos) *static_cast<std::string*>(user) = line.substr(first, last - first + 1);
  }
  return size * count;
}

UpstreamAnswer answer_of(CURLcode code) {
  const std::string because = ": " + printable(curl_easy_strerror(code));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return unknown("timed_out", "the API did not answer in time");
    case CURLE_COULDNT_RESOLVE_PROXY:
      return unknown("proxy", "the proxy could not be reached" + because);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return unknown("certificate", "the API server's certificate is not trusted" + because);
    case CURLE_WRITE_ERROR:
      return unknown("unexpected_answer", "the response is too large for a response of the API");
    default:
      return unknown("network", "the API could not be reached" + because);
  }
}

class HttpUpstream : public Upstream {
 public:
  HttpUpstream(UpstreamOptions options, async::Pool& pool) : options_(std::move(options)), pool_(pool) {
    prepare_curl();
    while (options_.base_url.ends_with('/')) options_.base_url.pop_back();
  }

  bool enabled() const override { return options_.enabled; }

  asio::awaitable<UpstreamAnswer> check(const Secret& token) override {
    if (!options_.enabled) co_return unknown("off", "the check with the API is switched off");
    const Transport transport = transport_to(options_.base_url);
    if (transport == Transport::refused) {
      co_return unknown("base_url", "the API's address is neither https nor on this machine; nothing was sent");
    }
    // A line end in the token would start another header.
    const bool fits = std::all_of(token.view().begin(), token.view().end(), [](char c) { return c > ' ' && c <= '~'; });
    if (token.empty() || !fits) co_return unknown("not_sent", "the token has characters that no token has");
    Secret header = Secret::copy_of("Authorization: Bearer ");
    header.append(token.view());
    header.push_back('\0');
    // Named, not a temporary of the co_await: g++ 12 destroys the captures of such a lambda twice (GCC bug 99576).
    auto work = [this, transport, line = std::move(header), sent = token.clone()]() mutable {
      return ask(transport, std::move(line), sent);
    };
    co_return co_await pool_.run(std::move(work));
  }

 private:
  UpstreamAnswer ask(Transport transport, Secret authorization, const Secret& sent) const {
    const CurlEasy curl(curl_easy_init());
    if (!curl) return unknown("internal", "cannot initialize libcurl");
    curl_slist* lines = curl_slist_append(nullptr, authorization.view().data());
    authorization.clear();
    for (const char* line :
         {"anthropic-version: 2023-06-01", "anthropic-beta: oauth-2025-04-20", "Accept: application/json"}) {
      lines = lines != nullptr ? curl_slist_append(lines, line) : nullptr;
    }
    const CurlList headers(lines);
    if (!headers) return unknown("internal", "out of memory");

    HttpReply reply;
    const std::string url = options_.base_url + "/v1/models?limit=1";
    const std::string agent = "jackind/" + std::string(version());
    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(curl.get(), option, value); };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_USERAGENT, agent.c_str());
    set(CURLOPT_PROTOCOLS_STR, transport == Transport::tls ? "https" : "http");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT, time_limit_seconds);
    set(CURLOPT_CONNECTTIMEOUT, connect_limit_seconds);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_WRITEFUNCTION, keep_body);
    set(CURLOPT_WRITEDATA, &reply.body);
    set(CURLOPT_HEADERFUNCTION, keep_organization);
    set(CURLOPT_HEADERDATA, &reply.organization);
    choose_route(curl.get(), transport);
    std::optional<UpstreamAnswer> trouble;
    if (transport == Transport::loopback) {
      set(CURLOPT_PREREQFUNCTION, check_listener);
      set(CURLOPT_PREREQDATA, &trouble);
    }

    const CURLcode code = curl_easy_perform(curl.get());
    if (trouble) return *std::move(trouble);
    if (code != CURLE_OK) return answer_of(code);
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &reply.status);
    return classify(reply, sent);
  }

  // Takes the proxy and the certificates from the environment, as the curl program does (curl(1), "ENVIRONMENT").
  // libcurl by itself reads only the proxies, and only from the environment of the process.
  void choose_route(CURL* curl, Transport transport) const {
    const auto first_of = [&](std::initializer_list<std::string_view> names) {
      for (const auto name : names) {
        if (auto value = options_.environment.value_of(name); !value.empty()) return value;
      }
      return std::string();
    };
    if (transport == Transport::loopback) {
      // A proxy would read the token.
      curl_easy_setopt(curl, CURLOPT_PROXY, "");
      return;
    }
    const std::string proxy = first_of({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
    curl_easy_setopt(curl, CURLOPT_PROXY, proxy.c_str());
    curl_easy_setopt(curl, CURLOPT_NOPROXY, first_of({"no_proxy", "NO_PROXY"}).c_str());
    const std::string bundle = first_of({"CURL_CA_BUNDLE", "SSL_CERT_FILE"});
    if (!bundle.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, bundle.c_str());
    const std::string folder = options_.environment.value_of("SSL_CERT_DIR");
    if (!folder.empty()) curl_easy_setopt(curl, CURLOPT_CAPATH, folder.c_str());
  }

  UpstreamOptions options_;
  async::Pool& pool_;
};

}  // namespace

std::unique_ptr<Upstream> http_upstream(UpstreamOptions options, async::Pool& pool) {
  return std::make_unique<HttpUpstream>(std::move(options), pool);
}

}  // namespace jackin::health
