// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace jackin::faults {

/// What `work` returns when it runs in a process of its own, forked off this one: threads that it starts, and whatever
/// libraries keep for a process' lifetime, end with it. Throws when it throws, with its words, or does not end well.
std::string in_a_child(const std::function<std::string()>& work);

}  // namespace jackin::faults
