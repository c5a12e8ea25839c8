// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/parsed_file.hpp"

#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/config/document.hpp"

namespace jackin::config {

ReadFile read_parsed_file(const std::string& path, const Paths& paths, std::shared_ptr<const ParsedFile> known) {
  TRY(const FileStamp stamp, stamp_of(path, paths));
  if (known && known->stamp == stamp && (known->settled || !stamp.exists)) return known;

  const bool is_global = path == paths.config_file();
  const std::string name = name_of(path, paths);
  auto file = std::make_shared<ParsedFile>();
  file->path = path;
  auto text = read_text_file(path, name);
  if (!text) return failure(std::move(text).error());
  file->stamp = text->stamp;
  file->settled = text->settled;
  const auto place_of_file = [&](LayerAuth& layer) {
    layer.file = path;
    layer.file_exists = file->stamp.exists;
    layer.readable_by_others = file->stamp.readable_by_others();
    layer.ownership = text->ownership;
  };
  const auto document = Document::parse(text->text.view(), name, printable(abbreviate_home(path, paths.home)));
  if (!document) {
    file->error = document.error();
    return file;
  }
  file->top = read_layer(document->root(), name);
  if (file->top) place_of_file(*file->top);
  file->mentions = mentions(document->root(), is_global);
  const Node roles = document->root()["roles"];
  if (roles && !roles.is(Node::Kind::table)) {
    file->top = failure(invalid_at(name, roles.place(), "'roles' takes a table"));
  }
  for (const Member& role : roles.members()) {
    if (!role.value.is(Node::Kind::table)) continue;
    if (is_global) {
      file->role_env.emplace(role.key, read_env_layer(role.value, name));
      continue;
    }
    auto layer = read_layer(role.value, name);
    if (layer) place_of_file(*layer);
    file->roles.emplace(role.key, std::move(layer));
  }
  return file;
}

}  // namespace jackin::config
