// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/unix_socket.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "common/remedy_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::ipc {
namespace {

namespace fs = std::filesystem;

class ListeningSocketTest : public testing::Test {
 protected:
  test::TempDir dir;
  fs::path path = dir / "run" / "jackind.sock";

  int connect_to(const fs::path& where) {
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, where.c_str(), where.native().size());
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return fd;
    close(fd);
    return -1;
  }
};

TEST_F(ListeningSocketTest, Create_FileIsPrivate) {
  const auto made = ListeningSocket::create(path);
  ASSERT_TRUE(made) << made.error().message;
  struct stat found {};
  ASSERT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  ASSERT_EQ(stat(path.parent_path().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700u);
}

TEST_F(ListeningSocketTest, Create_StaleFile_Replaced) {
  {
    // As after a crash: the file without a listening process.
    fs::create_directory(dir / "run");
    fs::permissions(dir / "run", fs::perms::owner_all);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    close(fd);
  }
  ASSERT_EQ(connect_to(path), -1);
  const auto made = ListeningSocket::create(path);
  ASSERT_TRUE(made) << made.error().message;
  const int client = connect_to(path);
  EXPECT_GE(client, 0);
  close(client);
}

TEST_F(ListeningSocketTest, Create_ListeningSocket_Left) {
  // The service manager, which starts jackind at the first connection.
  const auto others = ListeningSocket::create(path);
  ASSERT_TRUE(others) << others.error().message;
  const auto made = ListeningSocket::create(path);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("service manager"), std::string::npos);
  const int client = connect_to(path);
  EXPECT_GE(client, 0);
  close(client);
}

TEST_F(ListeningSocketTest, Create_NotASocket_Left) {
  test::write_file(path, "a letter");
  fs::permissions(path.parent_path(), fs::perms::owner_all);
  const auto made = ListeningSocket::create(path);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, Reason::permission_denied);
  EXPECT_EQ(test::read_file(path), "a letter");
}

TEST_F(ListeningSocketTest, Create_PathTooLong_Remedy) {
  const auto made = ListeningSocket::create(dir / std::string(120, 'x') / "jackind.sock");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, Reason::invalid_argument);
  EXPECT_NE(command_line(made.error().remedy).find("JACKIN_RUNTIME_DIR"), std::string::npos);
  EXPECT_FALSE(fs::exists(dir / std::string(120, 'x')));
}

TEST_F(ListeningSocketTest, Create_FolderIsLink_Rejected) {
  fs::create_directory(dir / "elsewhere");
  fs::permissions(dir / "elsewhere", fs::perms::owner_all);
  fs::create_directory_symlink(dir / "elsewhere", dir / "run");
  const auto made = ListeningSocket::create(path);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, Reason::permission_denied);
  EXPECT_TRUE(fs::is_empty(dir / "elsewhere"));
}

TEST_F(ListeningSocketTest, Create_FolderWritableByOthers_Rejected) {
  fs::create_directory(dir / "run");
  fs::permissions(dir / "run", fs::perms::all);
  const auto made = ListeningSocket::create(path);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, Reason::permission_denied);
}

TEST_F(ListeningSocketTest, Create_ForeignFolder_Rejected) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a folder to another user";
  fs::create_directory(dir / "run");
  fs::permissions(dir / "run", fs::perms::owner_all);
  ASSERT_EQ(chown((dir / "run").c_str(), 65534, 65534), 0);
  const auto made = ListeningSocket::create(path);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, Reason::permission_denied);
}

TEST_F(ListeningSocketTest, Destroyed_FileRemoved) {
  { ASSERT_TRUE(ListeningSocket::create(path)); }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(ListeningSocketTest, Destroyed_SuccessorsFile_Left) {
  {
    const auto first = ListeningSocket::create(path);
    ASSERT_TRUE(first);
    fs::rename(path, dir / "run" / "moved");
    test::write_file(path, "the successor's");
  }
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(ListeningSocketTest, Accept_NotInheritedByChildren) {
  const auto made = ListeningSocket::create(path);
  ASSERT_TRUE(made);
  EXPECT_FALSE(made->accept()->has_value());
  const int client = connect_to(path);
  const auto accepted = made->accept();
  ASSERT_TRUE(accepted && *accepted);
  const int fd = (*accepted)->get();
  EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  close(client);
}

TEST_F(ListeningSocketTest, Adopt_FileLeftAtEnd) {
  auto handed_over = ListeningSocket::create(path);
  ASSERT_TRUE(handed_over);
  {
    auto adopted = ListeningSocket::adopt(os::Descriptor(dup(handed_over->descriptor())));
    ASSERT_TRUE(adopted);
    const int client = connect_to(path);
    EXPECT_TRUE(adopted->accept()->has_value());
    close(client);
  }
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(ListeningSocketTest, IsInPlace_FileExists) {
  auto made = ListeningSocket::create(path);
  ASSERT_TRUE(made);
  const auto adopted = ListeningSocket::adopt(os::Descriptor(dup(made->descriptor())));
  ASSERT_TRUE(adopted);
  EXPECT_EQ(adopted->path(), path);
  EXPECT_TRUE(made->is_in_place());
  EXPECT_TRUE(adopted->is_in_place());
  fs::remove(path);
  EXPECT_FALSE(made->is_in_place());
  EXPECT_FALSE(adopted->is_in_place());
  const auto another = ListeningSocket::create(path);
  ASSERT_TRUE(another);
  EXPECT_FALSE(made->is_in_place());
}

TEST_F(ListeningSocketTest, Adopt_NotListening_Rejected) {
  const auto adopted = ListeningSocket::adopt(os::Descriptor(socket(AF_UNIX, SOCK_STREAM, 0)));
  ASSERT_FALSE(adopted);
  EXPECT_EQ(adopted.error().reason, Reason::invalid_argument);
}

}  // namespace
}  // namespace jackin::ipc
