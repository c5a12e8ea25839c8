// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <sstream>
#include <string>

#include "common/os/descriptor.hpp"
#include "common/os/hardening.hpp"

namespace jackin::os {
namespace {

#ifdef __linux__

// Reads this process's memory through the kernel, so that reading freed memory is no access by this program.
std::string memory_at(std::uintptr_t address, std::size_t size) {
  const Descriptor memory(open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  std::string bytes(size, '?');
  const auto count = pread(memory.get(), bytes.data(), size, static_cast<off_t>(address));
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

// The allocator writes its own links into the first two words of a freed block.
constexpr std::size_t links = 2 * sizeof(void*);

// A block's address as a number whose origin the compiler does not know.
std::uintptr_t address_of(const void* block) {
  auto address = reinterpret_cast<std::uintptr_t>(block);
  asm volatile("" : "+r"(address));
  return address;
}

class WipeOnFree : public testing::Test {
 protected:
  void SetUp() override {
    if (!wipes_freed_memory()) GTEST_SKIP() << "not in this build";
  }
};

TEST_F(WipeOnFree, StringDestroyed_ContentWiped) {
  auto text = std::make_unique<std::string>(200, 'S');
  const auto address = address_of(text->data());
  ASSERT_EQ(memory_at(address, 200), std::string(200, 'S'));
  text.reset();
  EXPECT_EQ(memory_at(address + links, 200 - links), std::string(200 - links, '\0'));
}

TEST_F(WipeOnFree, StringGrows_OldBufferWiped) {
  std::string text(100, 'S');
  const auto address = address_of(text.data());
  text.append(5000, 'T');
  EXPECT_EQ(memory_at(address + links, 100 - links).find('S'), std::string::npos);
}

TEST_F(WipeOnFree, StandardLibraryFrees_ContentWiped) {
  std::uintptr_t address = 0;
  {
    std::ostringstream stream;
    stream << std::string(1000, 'S');
    address = address_of(stream.view().data());
    ASSERT_EQ(memory_at(address, 1000), std::string(1000, 'S'));
  }
  EXPECT_EQ(memory_at(address + links, 1000 - links).find("SSSS"), std::string::npos);
}

TEST_F(WipeOnFree, ReallocMoves_OldBlockWiped) {
  auto* block = static_cast<char*>(malloc(300));
  std::memset(block, 'S', 300);
  const auto address = address_of(block);
  auto* larger = static_cast<char*>(realloc(block, 30000));
  ASSERT_NE(larger, nullptr);
  EXPECT_NE(address_of(larger), address);
  EXPECT_EQ(std::string(larger, 300), std::string(300, 'S'));
  EXPECT_EQ(memory_at(address + links, 300 - links), std::string(300 - links, '\0'));
  free(larger);
}

TEST_F(WipeOnFree, ReallocShrinks_TailWiped) {
  auto* block = static_cast<char*>(malloc(1000));
  std::memset(block, 'S', 1000);
  auto* smaller = static_cast<char*>(realloc(block, 900));
  ASSERT_NE(smaller, nullptr);
  EXPECT_EQ(std::string(smaller, 900), std::string(900, 'S'));
  EXPECT_EQ(memory_at(address_of(smaller) + 900, 100), std::string(100, '\0'));
  auto* tiny = static_cast<char*>(realloc(smaller, 10));
  ASSERT_NE(tiny, nullptr);
  EXPECT_EQ(std::string(tiny, 10), std::string(10, 'S'));
  free(tiny);
}

TEST_F(WipeOnFree, Realloc_EdgeCasesUnchanged) {
  void* fresh = realloc(nullptr, 50);
  ASSERT_NE(fresh, nullptr);
  EXPECT_EQ(realloc(fresh, 0), nullptr);
  volatile std::size_t huge = SIZE_MAX / 2;
  errno = 0;
  EXPECT_EQ(reallocarray(nullptr, huge, 4), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  free(nullptr);
}

TEST_F(WipeOnFree, LargeAndAlignedBlocks_CanBeFreed) {
  auto* large = static_cast<char*>(malloc(10U << 20));
  std::memset(large, 'S', 10U << 20);
  large = static_cast<char*>(realloc(large, 20U << 20));
  ASSERT_NE(large, nullptr);
  EXPECT_EQ(large[(10U << 20) - 1], 'S');
  free(large);
  void* aligned = nullptr;
  ASSERT_EQ(posix_memalign(&aligned, 4096, 10000), 0);
  std::memset(aligned, 'S', 10000);
  free(aligned);
}

#endif

}  // namespace
}  // namespace jackin::os
