// SPDX-License-Identifier: Apache-2.0
#include "proto/silence_protobuf.hpp"

#include <google/protobuf/stubs/logging.h>

namespace jackin {

void silence_protobuf() {
  google::protobuf::SetLogHandler(nullptr);
}

}  // namespace jackin
