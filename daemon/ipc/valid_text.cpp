// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/valid_text.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "common/text_characters.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::ipc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string valid(const std::string& text) {
  constexpr std::size_t longest_escape = 4;
  return printable(text, longest_escape * text.size());
}

void make_one_valid(Message& message, const Reflection& reflection, const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    make_text_valid(*reflection.MutableMessage(&message, &field));
    return;
  }
  std::string copy;
  const std::string& text = reflection.GetStringReference(message, &field, &copy);
  if (!is_utf8(text)) reflection.SetString(&message, &field, valid(text));
}

void make_each_valid(Message& message, const Reflection& reflection, const FieldDescriptor& field) {
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      make_text_valid(*reflection.MutableRepeatedMessage(&message, &field, i));
      continue;
    }
    std::string copy;
    const std::string& text = reflection.GetRepeatedStringReference(message, &field, i, &copy);
    if (!is_utf8(text)) reflection.SetRepeatedString(&message, &field, i, valid(text));
  }
}

}  // namespace

void make_text_valid(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool has_text =
        field->type() == FieldDescriptor::TYPE_STRING || field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!has_text) continue;
    if (field->is_repeated()) {
      make_each_valid(message, reflection, *field);
    } else {
      make_one_valid(message, reflection, *field);
    }
  }
}

}  // namespace jackin::ipc
