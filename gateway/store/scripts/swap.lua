-- Changes one recipient's record, if it is still the one that was read.
-- KEYS  1 the bucket's records   2 the bucket's sealed parts (both in one slot)
-- ARGV  1 the recipient's field   2 the record that was read, empty for none   3 the new one
--       4, 5 and so on, in pairs: a sealed part's field, and the part; an empty one is forgotten
-- Answer  1 changed; 0 somebody else was faster

if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
    return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
for i = 4, #ARGV, 2 do
    if ARGV[i + 1] == '' then
        redis.call('HDEL', KEYS[2], ARGV[i])
    else
        redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
    end
end
return 1
