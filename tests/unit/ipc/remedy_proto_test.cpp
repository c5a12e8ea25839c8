// SPDX-License-Identifier: Apache-2.0
// The conversion of remedies for the protocol and back.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "client/rpc/proto_conversion.hpp"
#include "daemon/ipc/proto_conversion.hpp"
#include "tests/unit/common/remedy_examples.hpp"

namespace jackin::ipc {
namespace {

Remedy received(const Remedy& remedy) {
  v1::Remedy sent;
  to_proto(remedy, sent);
  v1::Remedy arrived;
  EXPECT_TRUE(arrived.ParseFromString(sent.SerializeAsString()));
  return client::from_proto(arrived);
}

std::string in_capitals(std::string_view prefix, std::string_view code) {
  std::string name(prefix);
  std::transform(code.begin(), code.end(), std::back_inserter(name),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

TEST(RemedyProto, EveryAction_RoundTrip) {
  for (const Remedy& remedy : test::all_remedies()) EXPECT_EQ(received(remedy), remedy) << to_code(remedy.action);
  const Remedy bytes = Remedy::inspect({"/caf\xe9"});
  EXPECT_EQ(received(bytes), bytes);
}

// The numbers of the enums are those of the protocol.
TEST(RemedyProto, Enums_SameNumbers) {
  EXPECT_EQ(v1::RemedyAction_ARRAYSIZE, static_cast<int>(all_remedy_actions.size()));
  for (std::size_t i = 1; i < all_remedy_actions.size(); ++i) {
    EXPECT_EQ(v1::RemedyAction_Name(static_cast<v1::RemedyAction>(i)),
              in_capitals("REMEDY_ACTION_", to_code(all_remedy_actions[i])));
  }
  EXPECT_EQ(v1::RemedyOption_ARRAYSIZE, last_request_option + 1);
  for (int i = 1; i <= last_request_option; ++i) {
    EXPECT_EQ(v1::RemedyOption_Name(static_cast<v1::RemedyOption>(i)),
              in_capitals("REMEDY_OPTION_", to_code(static_cast<RequestOption>(i))));
  }
  EXPECT_EQ(v1::RemedyAccess_ARRAYSIZE, last_path_access + 1);
  for (int i = 1; i <= last_path_access; ++i) {
    EXPECT_EQ(v1::RemedyAccess_Name(static_cast<v1::RemedyAccess>(i)),
              in_capitals("REMEDY_ACCESS_", to_code(static_cast<PathAccess>(i))));
  }
}

TEST(RemedyProto, Credential_Masked) {
  v1::Remedy sent;
  to_proto(Remedy::edit_file("/x/sk-ant-oat01-abcdefgh").noting("sk-ant-oat01-abcdefgh"), sent);
  EXPECT_EQ(sent.SerializeAsString().find("abcdefgh"), std::string::npos);
}

TEST(RemedyProto, UnknownAction_NoteRemains) {
  v1::Remedy future;
  future.set_action(static_cast<v1::RemedyAction>(1000));
  future.set_note("or wait");
  future.set_name("x");
  EXPECT_EQ(client::from_proto(future), Remedy::only_note("or wait"));
  EXPECT_TRUE(client::from_proto(v1::Remedy()).empty());
}

}  // namespace
}  // namespace jackin::ipc
