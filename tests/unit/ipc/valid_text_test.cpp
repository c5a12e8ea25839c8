// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/valid_text.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include "jackin/v1/health.pb.h"
#include "jackin/v1/launch.pb.h"

namespace jackin::ipc {
namespace {

namespace protobuf = google::protobuf;
using protobuf::FieldDescriptor;
using protobuf::Message;

// Every message that a call replies or sends, marked by `each_text`: an X at the end of each text.
using Marked = std::function<std::string(const std::string& serialised)>;

template <typename Reply>
std::pair<const std::string, Marked> marks() {
  return {Reply().GetTypeName(), [](const std::string& serialised) {
            Reply reply;
            EXPECT_TRUE(reply.ParseFromString(serialised));
            each_text(reply, [](std::string& text) { text += 'X'; });
            return reply.SerializeAsString();
          }};
}

const std::map<std::string, Marked> replies{
    marks<v1::CancelOperationReply>(), marks<v1::DetailsReply>(),       marks<v1::OperationEvent>(),
    marks<v1::DoctorEvent>(),          marks<v1::FindWorkspaceReply>(), marks<v1::HelloReply>(),
    marks<v1::ListStoresReply>(),      marks<v1::LockReply>(),          marks<v1::OpAccountsReply>(),
    marks<v1::OpItemReply>(),          marks<v1::OpItemsReply>(),       marks<v1::OpVaultsReply>(),
    marks<v1::OpenBrowserReply>(),     marks<v1::OverviewReply>(),      marks<v1::PrepareReply>(),
    marks<v1::ProbeReply>(),           marks<v1::RevokeEvent>(),        marks<v1::ShutdownReply>(),
    marks<v1::StatusReply>(),          marks<v1::TokenEvent>(),         marks<v1::WatchEvent>(),
};

// The protocol as protoc describes it.
class Protocol {
 public:
  Protocol() {
    std::ifstream file(PROTOCOL_DESCRIPTION, std::ios::binary);
    protobuf::FileDescriptorSet set;
    EXPECT_TRUE(set.ParseFromIstream(&file));
    for (const auto& one : set.file()) files_.push_back(pool_.BuildFile(one));
  }

  std::map<std::string, const protobuf::Descriptor*> replies() const {
    std::map<std::string, const protobuf::Descriptor*> found;
    for (const auto* file : files_) {
      for (int i = 0; i < file->service_count(); ++i) {
        for (int j = 0; j < file->service(i)->method_count(); ++j) {
          const auto* const output = file->service(i)->method(j)->output_type();
          found.emplace(output->full_name(), output);
        }
      }
    }
    return found;
  }

  std::unique_ptr<Message> made(const protobuf::Descriptor& type) {
    return std::unique_ptr<Message>(factory_.GetPrototype(&type)->New());
  }

 private:
  protobuf::DescriptorPool pool_;
  std::vector<const protobuf::FileDescriptor*> files_;
  protobuf::DynamicMessageFactory factory_{&pool_};
};

bool is_text(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_STRING || field.type() == FieldDescriptor::TYPE_BYTES;
}

// Sets every text to "t", twice where it is repeated; of a `oneof` the member with this number.
void fill(Message& message, int choice) {
  const auto& type = *message.GetDescriptor();
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const auto* const oneof = field.real_containing_oneof();
    if (oneof != nullptr && field.index_in_oneof() != choice % oneof->field_count()) continue;
    for (int n = field.is_repeated() ? 2 : 1; n > 0; --n) {
      if (is_text(field)) {
        field.is_repeated() ? reflection.AddString(&message, &field, "t") : reflection.SetString(&message, &field, "t");
      } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        fill(field.is_repeated() ? *reflection.AddMessage(&message, &field)
                                 : *reflection.MutableMessage(&message, &field),
             choice);
      }
    }
  }
}

// Expects the mark on each `string`, and on nothing else. Returns how many there are.
int expect_marks(const Message& message) {
  int found = 0;
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        found += expect_marks(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                                   : reflection.GetMessage(message, field));
      } else if (is_text(*field)) {
        const std::string text = field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                                      : reflection.GetString(message, field);
        EXPECT_EQ(text, field->type() == FieldDescriptor::TYPE_STRING ? "tX" : "t") << field->full_name();
        ++found;
      }
    }
  }
  return found;
}

TEST(ValidText, EachText_EveryReplyAndEvent_ReachesEveryString) {
  Protocol protocol;
  int found = 0;
  for (const auto& [name, type] : protocol.replies()) {
    ASSERT_TRUE(replies.contains(name)) << name;
    // Once for each member of a oneof: none has more.
    for (int choice = 0; choice < 8; ++choice) {
      const auto message = protocol.made(*type);
      fill(*message, choice);
      const auto marked = protocol.made(*type);
      ASSERT_TRUE(marked->ParseFromString(replies.at(name)(message->SerializeAsString()))) << name;
      found += expect_marks(*marked);
    }
  }
  EXPECT_GT(found, 500);
  EXPECT_EQ(protocol.replies().size(), replies.size());
}

TEST(ValidText, Strings_InvalidBytesShown_BytesUnchanged) {
  v1::DoctorEvent event;
  v1::ScopeHealth& scope = *event.mutable_scope();
  scope.mutable_scope()->set_workspace("caf\xe9");
  scope.mutable_probe()->set_summary("cannot read /caf\xe9");
  v1::Finding& finding = *scope.add_findings();
  finding.set_message("caf\xe9");
  finding.mutable_remedy()->set_note("caf\xe9");
  make_text_valid(event);
  EXPECT_EQ(scope.scope().workspace(), "caf\xe9");
  EXPECT_EQ(scope.probe().summary(), R"(cannot read /caf\xe9)");
  EXPECT_EQ(finding.message(), R"(caf\xe9)");
  EXPECT_EQ(finding.remedy().note(), R"(caf\xe9)");
  v1::DoctorEvent received;
  EXPECT_TRUE(received.ParseFromString(event.SerializeAsString()));
}

TEST(ValidText, RepeatedStrings_Converted_TokenUntouched) {
  v1::PrepareReply reply;
  reply.set_token("\xff\xfe");
  reply.add_warnings("fine");
  reply.add_warnings("\xff");
  make_text_valid(reply);
  EXPECT_EQ(reply.token(), "\xff\xfe");
  EXPECT_EQ(reply.warnings(0), "fine");
  EXPECT_EQ(reply.warnings(1), R"(\xff)");
}

}  // namespace
}  // namespace jackin::ipc
