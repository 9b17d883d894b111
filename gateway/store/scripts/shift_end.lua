-- How a message ended is written otherwise, if it is still what was read; it expires when it was to.
-- KEYS  1 how this message ended
-- ARGV  1 what was read   2 what it becomes
-- Answer  1 changed; 0 somebody else was faster, or it is gone

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
