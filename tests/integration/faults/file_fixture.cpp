// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/faults/file_fixture.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>

namespace jackin::faults {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view users_folder = "mine";
constexpr std::string_view users_file = "mine/token";
// A name that resembles the rest of an interrupted write.
constexpr std::string_view users_backup = "mine/.token.2026-11-23~";
constexpr std::size_t operation_id_length = 26;

// <scope>-<operation id>.token, also of an interrupted write: .<scope>-<operation id>.token.<random>~
std::string operation_of(const std::string& file) {
  const auto end = file.find(".token");
  if (end == file.npos || end < operation_id_length + 1 || file[end - operation_id_length - 1] != '-') return "unknown";
  return file.substr(end - operation_id_length, operation_id_length);
}

}  // namespace

void FileFixture::make(Sandbox& sandbox, std::string_view adoptable) {
  const fs::path file = sandbox.home / users_file;
  test::write_file(file, adoptable);
  if (::chmod(file.c_str(), 0600) != 0) throw std::runtime_error("chmod failed");
  test::write_file(sandbox.home / users_backup, "a backup");
}

std::vector<StoredItem> FileFixture::stored_items(const Sandbox& sandbox) const {
  std::vector<StoredItem> found;
  for (const auto& entry : fs::directory_iterator(sandbox.home / users_folder)) {
    found.push_back({entry.path().lexically_relative(sandbox.home.path()).string(), {}, test::read_file(entry.path())});
  }
  for (const fs::path& tokens : {sandbox.paths.tokens_dir(), sandbox.paths.earlier_tokens_dir()}) {
    if (!fs::is_directory(tokens)) continue;
    for (const auto& entry : fs::directory_iterator(tokens)) {
      found.push_back({entry.path().lexically_relative(sandbox.home.path()).string(),
                       operation_of(entry.path().filename().string()), test::read_file(entry.path())});
    }
  }
  std::sort(found.begin(), found.end(), [](const StoredItem& a, const StoredItem& b) { return a.id < b.id; });
  return found;
}

bool FileFixture::uses(const Sandbox& sandbox, const secrets::CredentialSource& source,
                       const StoredItem& stored_item) const {
  const auto* const file = std::get_if<secrets::FileSource>(&source);
  return file != nullptr && expand_home(file->path, sandbox.home.path()) == sandbox.home / stored_item.id;
}

std::optional<std::string> FileFixture::value(const Sandbox& sandbox, const secrets::CredentialSource& source) const {
  if (const auto* const literal = std::get_if<secrets::LiteralSource>(&source)) {
    return std::string(literal->token->view());
  }
  const auto* const file = std::get_if<secrets::FileSource>(&source);
  if (file == nullptr) return std::nullopt;
  const fs::path path = expand_home(file->path, sandbox.home.path());
  if (!fs::exists(path)) return std::nullopt;
  return test::read_file(path);
}

std::string FileFixture::without(const Sandbox& sandbox, const StoredItem& stored_item,
                                 const secrets::CredentialSource& source) const {
  return uses(sandbox, source, stored_item) ? std::string() : stored_item.bytes;
}

bool FileFixture::is_store(const fs::path& below_home) const {
  return below_home == users_file || below_home.parent_path() == ".local/share/jackind/tokens" ||
         below_home.parent_path() == ".jackin/secrets";
}

std::unique_ptr<StoreFixture> file_fixture() {
  return std::make_unique<FileFixture>();
}

}  // namespace jackin::faults
