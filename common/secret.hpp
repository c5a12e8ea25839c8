// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "common/result.hpp"

namespace jackin {

class Digest;

/// Bytes that must not be found anywhere else: in memory that is locked (never swapped), guarded, left out of core
/// dumps, and wiped when it is given back (libsodium's sodium_malloc). Moves, never copies; has no `==`, no `<<`, no
/// conversion to std::string. Not thread-safe; ownership is exclusive.
///
/// The bytes are seen through `view()`. Whoever calls it keeps the view no longer than the Secret and copies it only
/// into another Secret, a descriptor, or a library that offers nothing else.
class Secret {
 public:
  Secret() noexcept = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// A Secret with a copy of `bytes`. Ends the program when no memory is left, as `new` would.
  static Secret copy_of(std::string_view bytes);

  /// Another Secret with the same bytes, for the few places that need two owners.
  Secret clone() const { return copy_of(view()); }

  std::string_view view() const noexcept { return {data_, size_}; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// Appends, growing in locked memory; the smaller block is wiped.
  void append(std::string_view bytes);
  void push_back(char byte) { append({&byte, 1}); }

  /// Space for at least `extra` more bytes, to be read into; `commit(n)` then makes the first n of them part of the
  /// Secret. The span ends with the next call on this object.
  std::span<char> prepare(std::size_t extra);
  void commit(std::size_t count);

  /// Keeps the first `size` bytes and wipes the rest. `size` must not be larger than `size()`.
  void truncate(std::size_t size);

  /// Wipes all and gives the memory back.
  void clear() noexcept;

  /// SHA-256 of the bytes.
  Digest digest() const;

  /// Whether both hold the same bytes, in time that depends on their sizes alone.
  bool same_as(const Secret& other) const noexcept;

  /// False once the operating system refused to lock memory for any Secret of this process (RLIMIT_MEMLOCK too small).
  /// Safe to call from any thread.
  static bool locking_works() noexcept;

 private:
  void grow_to(std::size_t capacity);

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Called once, first thing in main, before any Secret is made: prepares libsodium. Ends the program when it cannot.
void prepare_secrets();

}  // namespace jackin
