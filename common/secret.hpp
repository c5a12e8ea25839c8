// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "common/result.hpp"

namespace jackin {

class Digest;

/// Bytes that must not exist in any other memory. The memory is locked (never swapped), has guard pages, is left out of
/// core dumps, and is wiped when it is freed (libsodium's sodium_malloc). Moves, never copies; has no `==`, no `<<`, no
/// conversion to std::string. Not thread-safe; ownership is exclusive.
///
/// `view()` gives access to the bytes. The caller must not keep the view longer than the Secret. It copies the bytes
/// only into another Secret, a descriptor, or a library that offers no other way.
class Secret {
 public:
  Secret() noexcept = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// Makes a Secret with a copy of `bytes`. Ends the program when no memory is left, as `new` would.
  static Secret copy_of(std::string_view bytes);

  /// Makes another Secret with the same bytes, for the few places that need two owners.
  Secret clone() const { return copy_of(view()); }

  std::string_view view() const noexcept { return {data_, size_}; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// Appends, growing in locked memory. Wipes the smaller block.
  void append(std::string_view bytes);
  void push_back(char byte) { append({&byte, 1}); }

  /// Returns space for at least `extra` more bytes, to read into. `commit(n)` then makes the first n of them part of
  /// the Secret. The span is valid until the next call on this object.
  std::span<char> prepare(std::size_t extra);
  void commit(std::size_t count);

  /// Keeps the first `size` bytes and wipes the rest. `size` must not be larger than `size()`.
  void truncate(std::size_t size);

  /// Wipes and frees all bytes.
  void clear() noexcept;

  /// SHA-256 of the bytes.
  Digest digest() const;

  /// Whether both contain the same bytes, in time that depends only on their sizes.
  bool same_as(const Secret& other) const noexcept;

  /// False after the operating system refused to lock memory for any Secret of this process (RLIMIT_MEMLOCK too small).
  /// Safe to call from any thread.
  static bool locking_works() noexcept;

 private:
  void grow_to(std::size_t capacity);

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Initializes libsodium; the first Secret does so too. A program that holds secrets calls it first in main. Another
/// call does nothing. Ends the program when it fails.
void prepare_secrets();

}  // namespace jackin
