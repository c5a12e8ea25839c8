// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace google::protobuf {
class Message;
}

namespace jackin::ipc {

/// Replaces bytes that are not UTF-8 with `\xHH` in every `string` of `message`, as `printable` does; `bytes` stay. A
/// client rejects a whole message because of one invalid string, and a stream that ends this way has no status. Every
/// reply and event passes through this. Pure.
void make_text_valid(google::protobuf::Message& message);

}  // namespace jackin::ipc
