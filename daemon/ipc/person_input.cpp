#include "daemon/ipc/person_input.hpp"

#include "common/untrusted_text.hpp"
#include "daemon/ipc/wire.hpp"

namespace jackin::ipc {
namespace {

constexpr std::size_t keys_limit = 64 * 1024;
constexpr std::size_t code_limit = 4 * 1024;

Result<Secret> take_secret(std::string& bytes, std::size_t limit) {
  if (bytes.size() > limit) {
    wipe(bytes);
    return failure(Reason::invalid_argument, "the client sent more at once than anybody types");
  }
  Secret secret = Secret::copy_of(bytes);
  wipe(bytes);
  return secret;
}

}  // namespace

Result<std::optional<ClientInput>> take_input(v1::PersonInput& wire) {
  switch (wire.input_case()) {
    case v1::PersonInput::kKeys: {
      TRY(Secret keys, take_secret(*wire.mutable_keys(), keys_limit));
      return ClientInput(mint::PersonInput(mint::Keys{std::move(keys)}));
    }
    case v1::PersonInput::kCode: {
      TRY(Secret code, take_secret(*wire.mutable_code(), code_limit));
      return ClientInput(mint::PersonInput(mint::Code{std::move(code)}));
    }
    case v1::PersonInput::kResize:
      return ClientInput(mint::PersonInput(mint::Resize{from_wire(wire.resize())}));
    case v1::PersonInput::kCancel:
      return ClientInput(mint::PersonInput(mint::Cancel{}));
    case v1::PersonInput::kBrowserFailed:
      return ClientInput(mint::PersonInput(mint::BrowserFailed{printable(wire.browser_failed().message())}));
    case v1::PersonInput::kAnswer:
      return ClientInput(Answer{wire.answer().choice()});
    case v1::PersonInput::INPUT_NOT_SET:
      break;
  }
  return std::optional<ClientInput>();
}

}  // namespace jackin::ipc
