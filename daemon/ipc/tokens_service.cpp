// SPDX-License-Identifier: Apache-2.0
#include "common/untrusted_text.hpp"
#include "daemon/ipc/revoke_call.hpp"
#include "daemon/ipc/services.hpp"
#include "daemon/ipc/token_call.hpp"
#include "daemon/ipc/unary_call.hpp"
#include "jackin/v1/tokens.grpc.pb.h"

namespace jackin::ipc {
namespace {

// claude's authorize URL has some hundred characters.
constexpr std::size_t url_limit = 8 * 1024;

class TokensService final : public v1::TokensService::CallbackService {
 public:
  explicit TokensService(ServiceDependencies& deps) : deps_(deps) {}

  grpc::ServerBidiReactor<v1::TokenInput, v1::TokenEvent>* Setup(grpc::CallbackServerContext* context) override {
    return TokenCall::start(deps_, context, "Tokens.Setup", understand_setup);
  }

  grpc::ServerBidiReactor<v1::TokenInput, v1::TokenEvent>* Rotate(grpc::CallbackServerContext* context) override {
    return TokenCall::start(deps_, context, "Tokens.Rotate", understand_rotate);
  }

  grpc::ServerWriteReactor<v1::RevokeEvent>* Revoke(grpc::CallbackServerContext* context,
                                                    const v1::RevokeRequest* request) override {
    return RevokeCall::start(deps_, context, *request);
  }

  grpc::ServerUnaryReactor* OpenBrowser(grpc::CallbackServerContext* context, const v1::OpenBrowserRequest* request,
                                        v1::OpenBrowserReply* reply) override {
    return answer_at_once(deps_, context, "Tokens.OpenBrowser", reply,
                          [&tokens = deps_.services.tokens, nonce = request->nonce(),
                           url = request->url()](const ProcessIdentity&) -> Result<v1::OpenBrowserReply> {
                            if (url.size() > url_limit || printable(url, url_limit) != url) {
                              return failure(Reason::invalid_argument, "this is not an address");
                            }
                            if (!tokens.open_browser(nonce, url)) {
                              return failure(Reason::invalid_argument, "no operation waits for this browser");
                            }
                            return v1::OpenBrowserReply();
                          });
  }

 private:
  ServiceDependencies& deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> tokens_service(ServiceDependencies& deps) {
  return std::make_unique<TokensService>(deps);
}

}  // namespace jackin::ipc
