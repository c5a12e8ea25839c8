// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace google::protobuf {
class Message;
}

namespace jackin::ipc {

/// Shows bytes that are no UTF-8 as `\xHH` in every `string` of `message`, as `printable` does; `bytes` stay. A client
/// refuses a whole message for one such string, and a stream that was cut off so has no end. Every reply and event goes
/// through this. Pure.
void make_text_valid(google::protobuf::Message& message);

}  // namespace jackin::ipc
