// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/user_input.hpp"

#include "common/untrusted_text.hpp"
#include "daemon/ipc/proto_conversion.hpp"

namespace jackin::ipc {
namespace {

constexpr std::size_t keys_limit = 64 * 1024;
constexpr std::size_t code_limit = 4 * 1024;

Result<Secret> take_secret(std::string& bytes, std::size_t limit) {
  if (bytes.size() > limit) {
    wipe(bytes);
    return failure(Reason::invalid_argument, "the client sent too much input at once");
  }
  Secret secret = Secret::copy_of(bytes);
  wipe(bytes);
  return secret;
}

}  // namespace

Result<std::optional<ClientInput>> take_input(v1::UserInput& proto) {
  switch (proto.input_case()) {
    case v1::UserInput::kKeys: {
      TRY(Secret keys, take_secret(*proto.mutable_keys(), keys_limit));
      return ClientInput(mint::UserInput(mint::Keys{std::move(keys)}));
    }
    case v1::UserInput::kCode: {
      TRY(Secret code, take_secret(*proto.mutable_code(), code_limit));
      return ClientInput(mint::UserInput(mint::Code{std::move(code)}));
    }
    case v1::UserInput::kResize:
      return ClientInput(mint::UserInput(mint::Resize{from_proto(proto.resize())}));
    case v1::UserInput::kCancel:
      return ClientInput(mint::UserInput(mint::Cancel{}));
    case v1::UserInput::kBrowserFailed:
      return ClientInput(mint::UserInput(mint::BrowserFailed{printable(proto.browser_failed().message())}));
    case v1::UserInput::kAnswer:
      return ClientInput(Answer{proto.answer().choice()});
    case v1::UserInput::INPUT_NOT_SET:
      break;
  }
  return std::optional<ClientInput>();
}

}  // namespace jackin::ipc
