-- Takes messages out of the index of their lane, or puts them where they are due; but only those that still have the mark
-- that they had before they were looked at. One that was entered since has lost it (enter.lua): it may wait again.
-- KEYS  1 the lane's messages
-- ARGV  1 the mark   2, 3 and so on, in pairs: when a message is due, in microseconds since 1970, or nothing where it is
--       to be taken out; and the message
-- Answer  nothing

for i = 2, #ARGV, 2 do
    local message = ARGV[i + 1]
    if tonumber(redis.call('ZSCORE', KEYS[1], message) or 0) == tonumber(ARGV[1]) then
        if ARGV[i] == '' then
            redis.call('ZREM', KEYS[1], message)
        else
            redis.call('ZADD', KEYS[1], ARGV[i], message)
        end
    end
end
