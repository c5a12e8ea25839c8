// SPDX-License-Identifier: Apache-2.0
#include "common/secret.hpp"

#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "common/fingerprint.hpp"

namespace jackin {
namespace {

std::atomic<bool> locking_failed{false};

}  // namespace

void prepare_secrets() {
  if (sodium_init() < 0) std::abort();
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    clear();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
  }
  return *this;
}

Secret::~Secret() {
  clear();
}

Secret Secret::copy_of(std::string_view bytes) {
  Secret secret;
  secret.append(bytes);
  return secret;
}

void Secret::append(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto space = prepare(bytes.size());
  std::memcpy(space.data(), bytes.data(), bytes.size());
  commit(bytes.size());
}

std::span<char> Secret::prepare(std::size_t extra) {
  if (size_ + extra > capacity_) grow_to(std::max(size_ + extra, capacity_ * 2));
  return {data_ + size_, capacity_ - size_};
}

void Secret::commit(std::size_t count) {
  assert(size_ + count <= capacity_);
  size_ += count;
}

void Secret::truncate(std::size_t size) {
  assert(size <= size_);
  if (data_ != nullptr) sodium_memzero(data_ + size, size_ - size);
  size_ = size;
}

void Secret::clear() noexcept {
  sodium_free(data_);  // wipes and unlocks; accepts a null pointer
  data_ = nullptr;
  size_ = capacity_ = 0;
}

Digest Secret::digest() const {
  return Digest::of(view());
}

bool Secret::same_as(const Secret& other) const noexcept {
  if (size_ != other.size_) return false;
  return size_ == 0 || sodium_memcmp(data_, other.data_, size_) == 0;
}

bool Secret::locking_works() noexcept {
  return !locking_failed.load(std::memory_order_relaxed);
}

void Secret::grow_to(std::size_t capacity) {
  // For a program that seldom needs a Secret, and does not prepare them.
  [[maybe_unused]] static const bool prepared = (prepare_secrets(), true);
  auto* bigger = static_cast<char*>(sodium_malloc(capacity));
  if (bigger == nullptr) throw std::bad_alloc();
  // sodium_malloc locks the memory, but does not report a failure. A second lock is harmless and reports it.
  if (sodium_mlock(bigger, capacity) != 0) locking_failed.store(true, std::memory_order_relaxed);
  if (size_ != 0) std::memcpy(bigger, data_, size_);
  sodium_free(data_);
  data_ = bigger;
  capacity_ = capacity;
}

}  // namespace jackin
